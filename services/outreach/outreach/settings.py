"""What `decide`, `deliver` and `journal` are told by their environment, beyond what every service is told."""

import os
from pathlib import Path

from care_contracts.settings import CareSettings, LinkSettings, PublicSettings
from pydantic import Field, SecretStr


class DecideSettings(CareSettings):
    """CARE_* variables of `python -m outreach decide`."""

    playbook: Path = Field(Path("playbook"), description="the playbook's folder")
    state_dir: Path = Field(Path("state"), description="where the tables (RocksDB) are kept; one folder per running process")
    ops_host: str = Field("127.0.0.1", description="where /healthz, /readyz and /metrics are served")
    ops_port: int = Field(8081, ge=0, le=65535)
    tick_grace: float = Field(2.0, ge=0, description="real seconds that a due moment waits for records still under way before its tick is sent")
    group_instance_id: str = Field("", description="a name that only one running process has: a restart under it needs no rebalance (KIP-345)")
    kafka_idempotence: bool = Field(False, description="idempotent producers; the embedded broker has none")
    session_timeout: float = Field(10, gt=0, description="seconds after which the group goes on without a process that is silent")
    rebalance_timeout: float = Field(20, gt=0, description="seconds that the group waits for its members")
    fault: str = Field("", description="only for tests: POINT:PASSES[:SIGNAL], where this process shall die; see outreach/stream/faults.py")
    fetch_wait: float = Field(0.5, gt=0, description="seconds that the broker may hold a fetch back while there is nothing")
    group: str = Field("careloop-decide", min_length=1, description="the deciders' consumer group; another one has another state (docs/operations.md)")
    standbys: int = Field(0, ge=0, le=9, description="how many further processes keep a copy of each partition's state, to take over without reading it")


class MailSettings(PublicSettings):
    """CARE_* variables of whoever hands mail in: the courier, and `care send-test`."""

    smtp_url: SecretStr = Field(
        SecretStr("smtp://127.0.0.1:1025"),
        description="smtp://, smtp+starttls:// or smtps://[USER:PASSWORD@]HOST[:PORT][?ca=FILE|?verify=no]; certificates are verified unless it says no",
    )
    smtp_timeout: float = Field(60, gt=0, description="seconds for one whole MAIL, RCPT, DATA exchange, and for opening a connection")


class DeliverSettings(LinkSettings, MailSettings):
    """CARE_* variables of `python -m outreach deliver`."""

    playbook: Path = Field(Path("playbook"), description="the playbook's folder")
    bounce_address: str = Field(
        "", description="mailbox that letters come back to, as bounces@northwind.example; its mail goes to feedback's port. Empty: the brand's own address"
    )
    dkim_keys: SecretStr = Field(SecretStr(""), description="private keys in PEM that letters are signed with: RSA of 2048 bits or more, Ed25519, or both")
    dkim_selectors: str = Field("", description="the keys' selectors in DNS, in the same order, separated by commas")
    dkim_domain: str = Field("", description="the signing domain; empty for that of the brand's address")
    smtp_connections: int = Field(10, ge=1, le=200, description="connections to the mail server that are kept open")
    smtp_second_url: SecretStr = Field(SecretStr(""), description="a mail server that stands in while the first cannot be reached, as CARE_SMTP_URL")
    smtp_per_second: float = Field(0, ge=0, description="messages handed in each second at most, by this courier; 0 is no limit")
    smtp_per_domain: int = Field(0, ge=0, description="messages at once to the addresses of one domain, by this courier; 0 is no limit")
    in_flight: int = Field(200, ge=1, le=10_000, description="commands that are worked on at once")
    retry_first: float = Field(5, gt=0, description="seconds before a message is tried again for the first time; then twice as long each time")
    retry_longest: float = Field(900, gt=0, description="seconds between two tries at most")
    courier_instance: str = Field(
        "", max_length=60, description="a name that only one running courier has: a restart under it settles its own unfinished claims at once"
    )
    ops_host: str = Field("127.0.0.1", description="where /healthz, /readyz and /metrics are served")
    ops_port: int = Field(8083, ge=0, le=65535)
    kafka_idempotence: bool = Field(False, description="idempotent producers; the embedded broker has none")
    fault: str = Field("", description="only for tests: POINT:PASSES[:SIGNAL], where this process shall die; see outreach/delivery/faults.py")


class JournalSettings(CareSettings):
    """CARE_* variables of `python -m outreach journal`."""

    database_url: str = Field(description="SQLAlchemy URL: sqlite:////path/care.db or postgresql+psycopg://user:password@host/care")
    keep_days: int = Field(400, ge=1, le=36_500, description="days after which the journal forgets what happened")
    group_instance_id: str = Field("", description="a name that only one running process has: a restart under it needs no rebalance (KIP-345)")
    ops_host: str = Field("127.0.0.1", description="where /healthz, /readyz and /metrics are served")
    ops_port: int = Field(8084, ge=0, le=65535)


def secret_in(variable: str) -> str:
    """The secret in an environment variable that policy.yaml names, "" where there is none."""
    return os.environ.get(variable, "")
