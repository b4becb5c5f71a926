"""`python -m deploy.mail smtp-faults`: ends in one line of JSON."""

import json
import logging
import sys

import uvloop

from deploy.mail.faults import faults
from deploy.mail.trial import complaints


async def smtp_faults() -> bool:
    """Every row of the table; True when all is as expected."""
    wrong: list[str] = []
    kinds = faults()
    for kind, rows in kinds.items():
        found = await complaints(rows)
        print(f"{kind}: {len(rows) - len(found)} of {len(rows)} as expected", *found, sep="\n  ", flush=True)
        wrong += found
    count = sum(map(len, kinds.values()))
    print(json.dumps({"faults": count, "as_expected": count - len(wrong)}))
    return not wrong


if __name__ == "__main__":
    if sys.argv[1:] != ["smtp-faults"]:
        sys.exit("usage: python -m deploy.mail smtp-faults")
    logging.disable()  # connections break all the time here; what is wrong is printed
    sys.exit(0 if uvloop.run(smtp_faults()) else 1)
