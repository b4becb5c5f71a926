"""`python -m deploy.mail smtp-faults` and `python -m deploy.mail courier-crash [N]`: each ends in one line of JSON."""

import asyncio
import json
import logging
import sys

import uvloop

from deploy.mail.crash import courier_crash
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


async def crash(each: int) -> bool:
    """Every point of the crash window `each` times; True when nothing was lost and nothing unruly."""
    tally = await courier_crash(each)
    print(*tally.complaints, tally.line(), sep="\n")
    return tally.good


if __name__ == "__main__":
    logging.disable()  # connections break all the time here; what is wrong is printed
    match sys.argv[1:]:
        case ["smtp-faults"]:
            good = uvloop.run(smtp_faults())  # the loop of production
        case ["courier-crash", *each]:
            good = asyncio.run(crash(int(each[0]) if each else 3))
        case _:
            sys.exit("usage: python -m deploy.mail smtp-faults | courier-crash [N]")
    sys.exit(0 if good else 1)
