"""What a command gives: the code of a coupon is claimed before the letter that shows it is written, and an empty pool lets it wait."""

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from care_contracts.records import Command, altered
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import InterfaceError, OperationalError

from outreach.backoff import SERVICE_AWAY
from outreach.delivery.coupons import Coupons, read_pools
from outreach.delivery.outcome import Category, Outcome, State

log = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0


@dataclass(slots=True)
class Gifts:
    """Unpacks commands that give something; `folder` is the mounted playbook, whose pools may be filled up at any time."""

    coupons: Coupons
    folder: Path
    left: Gauge
    empty: Counter
    _seen: dict[str, list[str]] = field(default_factory=dict)

    async def unpacked(self, command: Command) -> Command | Outcome:
        """The command with the code that its letter may show, or why it has to wait; commands without a coupon as they are."""
        coupon: dict[str, str] | None = command.options.get("coupon")
        if not coupon:
            return command
        code = await self._claimed(coupon["pool"], coupon["reward_id"])
        if code is None:
            self.empty.labels(coupon["pool"]).inc()
            log.error("the coupon pool %s is empty: add codes to coupons/%s.txt (rule %s)", coupon["pool"], coupon["pool"], command.rule)
            return Outcome(State.RETRY_AT, Category.COUPONS, f"the coupon pool {coupon['pool']} is empty")
        reward: dict[str, Any] = {**command.context.get("reward", {}), "coupon": code}
        return altered(command, context={**command.context, "reward": reward})

    async def _claimed(self, pool: str, reward_id: str) -> str | None:
        failures = 0
        while True:
            try:
                return await asyncio.to_thread(self.coupons.claim, pool, reward_id)
            except (OperationalError, InterfaceError) as error:
                failures += 1
                log.warning("coupons: expected the database, got %s (failure %d in a row)", type(error.orig).__name__, failures)
                await SERVICE_AWAY.pause(failures)

    async def run(self, ending: asyncio.Event) -> None:
        """Fills the pools from the folder, and again whenever their files changed, until `ending` is set."""
        while not ending.is_set():
            await self.look()
            try:
                await asyncio.wait_for(ending.wait(), _LOOK_SECONDS)
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Fills the pools when the files say something new; a file or a database that is away is looked for again next time."""
        try:
            pools = await asyncio.to_thread(read_pools, self.folder)
            left = await asyncio.to_thread(self.coupons.fill, pools if pools != self._seen else {pool: [] for pool in pools})
        except (OSError, OperationalError, InterfaceError) as error:
            log.warning("coupons: the pools cannot be filled at the moment (%s)", type(error).__name__)
            return
        self._seen = pools
        for pool, codes in left.items():
            self.left.labels(pool).set(codes)
