"""Composition root: `python -m deploy.embedded demo|smoke|latency|up`."""

import asyncio
import signal
import sys
from pathlib import Path

from rich.console import Console

from deploy.embedded.demo import demo, up
from deploy.embedded.driver.play import Cast
from deploy.embedded.folder import fresh_folder
from deploy.embedded.latency import latency
from deploy.embedded.options import Options, parse
from deploy.embedded.plan import Plan, ports
from deploy.embedded.smoke import smoke


async def run(options: Options, folder: Path) -> int:
    """The exit code."""
    console = Console(stderr=options.what in {"smoke", "latency"})
    plan = Plan(folder, ports(well_known=options.what in {"demo", "up"}), broker=options.broker)
    cast = Cast(options.customers, options.days, options.seed)
    match options.what:
        case "demo":
            await demo(plan, cast, options.speed, console)
        case "up":
            await up(plan, console)
        case "latency":
            print(await latency(plan, options.events, console))
        case _:
            judgement = await smoke(plan, cast, options.speed, options.kills, console)
            print(judgement.line())
            return 0 if judgement.good else 1
    return 0


async def until_told(options: Options, folder: Path) -> int:
    """`run`, ended in order by Ctrl-C, SIGTERM or a closed terminal."""
    task = asyncio.ensure_future(run(options, folder))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return 0 if options.what in {"demo", "up"} else 130


if __name__ == "__main__":
    options = parse(sys.argv[1:])
    with fresh_folder(options.folder, options.what) as fresh:
        sys.exit(asyncio.run(until_told(options, fresh)))
