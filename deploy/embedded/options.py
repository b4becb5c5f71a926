"""What can be asked for on the command line."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.broker import KINDS
from deploy.embedded.plan import ROOT
from deploy.embedded.services import PROGRAMS

NAMES = {"courier": "deliver"} | {name: name for name in PROGRAMS}


@dataclass(frozen=True)
class Kill:
    """SIGKILL to a service so many real seconds after the play began."""

    service: str
    after_s: float


@dataclass(frozen=True)
class Options:
    """The command line; `days` of the play and `speed` in days per second."""

    what: str
    broker: str
    customers: int
    days: int
    speed: float
    seed: int
    events: int
    kills: tuple[Kill, ...]
    folder: Path


def _kill(text: str) -> Kill:
    service, _, after = text.partition("@")
    if service not in NAMES or not after.replace(".", "", 1).isdecimal():
        raise argparse.ArgumentTypeError(f"expected SERVICE@SECONDS with a service of {', '.join(NAMES)}, got {text!r}")
    return Kill(NAMES[service], float(after))


def _cast(parser: argparse.ArgumentParser, *, customers: int, speed: float, days: int) -> None:
    parser.add_argument("--customers", type=int, default=customers, help="customers of the CDNOW sample that are played (default %(default)s)")
    parser.add_argument("--days", type=int, default=days, help="days of their lives (default %(default)s)")
    parser.add_argument("--speed", type=float, default=speed, help="days per second (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1997, help="another seed, other customers and temperaments (default %(default)s)")


def parse(words: list[str]) -> Options:
    """The options; ends the process with an explanation when they cannot be understood."""
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded", description="The whole system on this machine, without Docker.")
    parser.set_defaults(customers=0, days=0, speed=1.0, seed=0, events=0, kill=[])
    commands = parser.add_subparsers(dest="what", required=True)
    _cast(commands.add_parser("demo", help="real customers are cared for, live in the terminal, until Ctrl-C"), customers=300, speed=1.0, days=546)
    smoke = commands.add_parser("smoke", help="the same in two minutes, unattended, and judged")
    _cast(smoke, customers=300, speed=2.0, days=200)
    smoke.add_argument("--kill", type=_kill, action="append", default=[], metavar="SERVICE@SECONDS", help="SIGKILL a service while it plays")
    latency = commands.add_parser("latency", help="accepted event to mail, at the speed of life")
    latency.add_argument("--events", type=int, default=1000, help="how many, at 20 a second (default %(default)s)")
    commands.add_parser("up", help="only the system, in real time, until Ctrl-C")
    for command in commands.choices.values():
        command.add_argument("--broker", choices=KINDS, default="auto", help="auto takes the first of embedded, docker, java that this machine can run")
        command.add_argument("--folder", type=Path, default=ROOT / ".run", help="where logs, secrets and state go (default .run)")
    chosen = vars(parser.parse_args(words))
    return Options(kills=tuple(chosen.pop("kill")), **chosen)
