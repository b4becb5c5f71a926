"""The demonstration: the same play without an end, live in the terminal; and the bare system."""

import asyncio

from rich.console import Console

from deploy.embedded.board import Board, addresses, show
from deploy.embedded.driver.play import FIRST_DAY, Cast, staged
from deploy.embedded.plan import Plan
from deploy.embedded.smoke import LEAD_S
from deploy.embedded.system import running
from deploy.embedded.tally import Tally, watch


async def demo(plan: Plan, cast: Cast, speed: float, console: Console) -> None:
    """Plays until the last day, and leaves everything open to be looked at until it is cancelled."""
    console.print("Starting broker, catcher and services …")
    plan = plan.starting_clock(FIRST_DAY, speed, LEAD_S)
    async with running(plan) as system, staged(system.plan, cast) as play:
        tally = Tally()
        await system.supervisor.while_running(asyncio.gather(watch(system.plan, tally), show(Board(system, play, tally), console), play.run()))


async def up(plan: Plan, console: Console) -> None:
    """Only the system, in real time, until cancelled."""
    async with running(plan) as system:
        console.print(f"Ready on {system.broker.note} at {plan.kafka}; logs in {plan.folder / 'logs'}; Ctrl-C ends everything.")
        for name, url in addresses(plan, ""):
            console.print(f"{name:12} {url}")
        console.print(f"API key      in {plan.folder / 'secrets' / 'api_key'}")
        await system.supervisor.while_running(asyncio.Event().wait())
