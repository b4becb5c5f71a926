"""`python -m deploy.reliability crash-matrix [--long] [--broker kafka|embedded|both] [--only TEXT]`: ends in one line of JSON."""

import argparse
import asyncio
import logging
import shutil
import sys
from pathlib import Path

from deploy.embedded.plan import ROOT
from deploy.reliability.matrix import LONG_DEATHS, QUICK, matrix


def parse(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.reliability")
    parser.add_argument("what", choices=("crash-matrix",))
    parser.add_argument("--long", action="store_true", help="each point thirty times, the broker twenty; otherwise once")
    parser.add_argument("--deaths", type=int, default=LONG_DEATHS, help="at each point in the long form (default %(default)s)")
    parser.add_argument("--broker", choices=("kafka", "embedded", "both"), default="both")
    parser.add_argument("--only", default="", help="only trials whose name this regular expression finds")
    parser.add_argument("--folder", type=Path, default=ROOT / ".run" / "crash-matrix", help="logs and state; emptied first")
    return parser.parse_args(words)


if __name__ == "__main__":
    told = parse(sys.argv[1:])
    shutil.rmtree(told.folder, ignore_errors=True)
    logging.disable()  # the driver's own connections break all the time; what goes wrong is raised
    brokers = ("embedded", "kafka") if told.broker == "both" else (told.broker,)
    found = asyncio.run(matrix(brokers, told.only, told.folder, told.deaths if told.long else QUICK))
    print(found.line())
    sys.exit(0 if found.good else 1)
