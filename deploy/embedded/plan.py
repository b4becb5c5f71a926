"""The plan of one run: its folder, ports, clock and secrets, and what each service is therefore told."""

import hashlib
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from care_contracts.clock import MS, Clock, clock_from, rfc3339
from outreach.playbook.yaml_text import parse

from deploy.embedded.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
TICK_GRACE_S = "0.7"  # at days a second the usual grace would make letters late by days; everything here is on one machine
PUBLIC_PORTS = {"ingest": 8080, "feedback": 8082, "inbox": 8025}


@dataclass(frozen=True)
class Ports:
    """Where everything listens on 127.0.0.1."""

    kafka: int
    ingest: int
    feedback: int
    decide: int
    deliver: int
    journal: int
    smtp: int
    inbox: int


def ports(*, well_known: bool) -> Ports:
    """Free ports; with `well_known` the doors for people are where the documentation says, if nobody else is there."""
    wanted = PUBLIC_PORTS if well_known else {}
    return Ports(**{name: free_port(wanted.get(name, 0)) for name in Ports.__dataclass_fields__})


@dataclass(frozen=True)
class Scale:
    """A clock that is not set going yet: it will show `start` (ms since 1970) after `lead_s` real seconds, and run `speed` times as fast as life."""

    start: int
    speed: float
    lead_s: float


@dataclass(frozen=True)
class Plan:
    """`clock` is CARE_CLOCK's value; empty for real time. `extra` goes into every service's environment."""

    folder: Path
    ports: Ports
    clock: str = ""
    scale: Scale | None = None
    playbook: Path = ROOT / "playbook"
    partitions: int = 12
    broker: str = "auto"
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def kafka(self) -> str:
        """Bootstrap server."""
        return f"127.0.0.1:{self.ports.kafka}"

    @property
    def ingest(self) -> str:
        """Base URL of the ingest API."""
        return f"http://127.0.0.1:{self.ports.ingest}"

    @property
    def feedback(self) -> str:
        """Base URL of the customers' pages."""
        return f"http://127.0.0.1:{self.ports.feedback}"

    @property
    def inbox(self) -> str:
        """Base URL of the mail catcher."""
        return f"http://127.0.0.1:{self.ports.inbox}"

    @property
    def database(self) -> Path:
        """The SQLite file that courier, feedback and journal share."""
        return self.folder / "care.db"

    def the_clock(self) -> Clock:
        """The clock that every process of this run has."""
        return clock_from(self.clock)

    def secret(self, name: str) -> str:
        """A secret of this run, made at its first use and kept in a file that only the owner reads."""
        path = self.folder / "secrets" / name
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(32))
        return path.read_text()

    def starting_clock(self, start: int, days_per_second: float, lead_s: float) -> "Plan":
        """The same plan with a clock that shows `start` (ms since 1970) `lead_s` real seconds after the services were started."""
        return replace(self, scale=Scale(start, days_per_second * 86_400, lead_s), extra={"CARE_TICK_GRACE": TICK_GRACE_S, **self.extra})

    def anchored(self) -> "Plan":
        """The same plan with its clock set going now, for every process alike."""
        if self.scale is None:
            return self
        anchor = round(Clock().now() + self.scale.lead_s * MS)
        return replace(self, clock=f"{rfc3339(self.scale.start)}@{self.scale.speed:g}x@{rfc3339(anchor)}")


def _written(plan: Plan, name: str, value: str) -> str:
    path = plan.folder / "secrets" / name
    plan.secret(name)
    path.write_text(value)
    return str(path)


def environment(plan: Plan) -> dict[str, str]:
    """What every service is told; secrets by file."""
    key_hash = hashlib.sha256(plan.secret("api_key").encode()).hexdigest()
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE") if name in os.environ},
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),  # the packages that we ourselves were started with
        "PYTHONUNBUFFERED": "1",
        "CARE_KAFKA": plan.kafka,
        "CARE_PARTITIONS": str(plan.partitions),
        "CARE_CLOCK": plan.clock,
        "CARE_PLAYBOOK": str(plan.playbook),
        "CARE_API_KEYS_FILE": _written(plan, "api_keys", f"driver:{key_hash}"),
        "CARE_LINK_KEYS_FILE": _written(plan, "link_keys", f"1:{plan.secret('link_secret')}"),
        "CARE_SUPPRESSION_KEY_FILE": _written(plan, "suppression_key", plan.secret("suppression_secret")),
        "CARE_DATABASE_URL": f"sqlite:///{plan.database}",
        "CARE_PUBLIC_URL": plan.feedback,
        "CARE_BRAND_NAME": brand_name(plan.playbook),
        **plan.extra,
    }


def brand_name(playbook: Path) -> str:
    """The name that stands in policy.yaml; "" where there is none."""
    policy = parse((playbook / "policy.yaml").read_text("utf-8")).plain()
    return str(policy.get("brand", {}).get("name", ""))


def python(*words: str) -> tuple[str, ...]:
    """A command line of this same Python."""
    return (sys.executable, *words)
