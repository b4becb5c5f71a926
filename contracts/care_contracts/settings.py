"""What every service is told by its environment: the variables that must mean the same everywhere."""

import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from care_contracts.topics import DEFAULT_PARTITIONS

PREFIX = "CARE_"


class CareSettings(BaseSettings):
    """Read from CARE_* variables; `CARE_X_FILE` names a file that holds the value of X, for secrets."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    kafka: str = Field("127.0.0.1:9092", description="bootstrap servers, HOST:PORT[,HOST:PORT…]")
    partitions: int = Field(DEFAULT_PARTITIONS, ge=1, le=1000, description="common partition count of the aligned topics")
    replication: int = Field(1, ge=1, le=9, description="replication factor of created topics")
    clock: str = Field("", description="empty for real time, else START@SPEEDx[@ANCHOR]")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$")

    @model_validator(mode="before")
    @classmethod
    def _from_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        files = {name: path for name in cls.model_fields if (path := os.environ.get(f"{PREFIX}{name.upper()}_FILE"))}
        return values | {name: Path(path).read_text().strip() for name, path in files.items()}


class PublicSettings(CareSettings):
    """A further variable of everybody who writes down where customers reach us."""

    public_url: str = Field("http://127.0.0.1:8082", description="where customers reach the feedback service, without a final slash")


class LinkSettings(PublicSettings):
    """Further variables of the services that make or open signed links and look at the suppression table."""

    link_keys: SecretStr = Field(description="signing keys, NUMBER:SECRET[,NUMBER:SECRET…]; the first signs")
    suppression_key: SecretStr = Field(description="secret under which suppressed addresses are hashed; never change it", min_length=16)
    database_url: str = Field(description="SQLAlchemy URL: sqlite:////path/care.db or postgresql+psycopg://user:password@host/care")
