"""Coupon codes: filled from the playbook's coupons/POOL.txt, each given once, and to the same grant always the same one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Engine, MetaData, String, Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from outreach.playbook.files import POOLS

LONGEST_CODE = 100

metadata = MetaData()
table = Table(
    "care_coupons",
    metadata,
    Column("pool", String(100), primary_key=True),
    Column("code", String(LONGEST_CODE), primary_key=True),
    Column("reward_id", String(64), unique=True),
)


def prepare(engine: Engine) -> None:
    """Creates the table where it is missing; safe to call from several processes at once."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263003)")
        metadata.create_all(connection)


def read_pools(folder: Path) -> dict[str, list[str]]:
    """The codes of a playbook folder by pool: one on a line; empty lines and those that begin with # say nothing. Raises OSError.

    What is longer than LONGEST_CODE, or no readable UTF-8, is no code.
    """
    return {path.stem: _codes(path.read_text("utf-8-sig", errors="replace")) for path in sorted((folder / POOLS).glob("*.txt"))}


def _codes(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#") and len(line) <= LONGEST_CODE and line.isprintable() and "\ufffd" not in line]


@dataclass(frozen=True, slots=True)
class Coupons:
    """The table of codes, shared by all couriers."""

    engine: Engine

    def fill(self, pools: Mapping[str, list[str]]) -> dict[str, int]:
        """Adds what is new, takes nothing away, and says how many codes of each pool are left."""
        insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        rows = [{"pool": pool, "code": code} for pool in sorted(pools) for code in sorted(set(pools[pool]))]
        with self.engine.begin() as connection:
            if rows:
                connection.execute(insert(table).on_conflict_do_nothing(), rows)
        return {pool: self.left(pool) for pool in pools}

    def left(self, pool: str) -> int:
        """How many codes of a pool nobody has yet."""
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).where(table.c.pool == pool, table.c.reward_id.is_(None))).scalar_one()

    def claim(self, pool: str, reward_id: str) -> str | None:
        """The code that belongs to a grant, taken now or before; None when the pool is empty."""
        return self._given(reward_id) or self._take(pool, reward_id)

    def _given(self, reward_id: str) -> str | None:
        with self.engine.connect() as connection:
            return connection.execute(select(table.c.code).where(table.c.reward_id == reward_id)).scalar_one_or_none()

    def _take(self, pool: str, reward_id: str) -> str | None:
        """Of couriers that reach for the same code one gets it and the others try the next; who comes second for a grant gets the first one's code."""
        while (code := self._free(pool)) is not None:
            this = update(table).where(table.c.pool == pool, table.c.code == code, table.c.reward_id.is_(None)).values(reward_id=reward_id)
            try:
                with self.engine.begin() as connection:
                    if connection.execute(this).rowcount:
                        return code
            except IntegrityError:
                return self._given(reward_id)
        return None

    def _free(self, pool: str) -> str | None:
        free = select(table.c.code).where(table.c.pool == pool, table.c.reward_id.is_(None)).order_by(table.c.code).limit(1)
        with self.engine.connect() as connection:
            return connection.execute(free).scalar_one_or_none()
