"""Events in Parquet files: the columns id, source, type, customer_id, time, recorded, data (JSON text or a struct) and history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
from care_contracts.clock import rfc3339, to_ms

from outreach.backtest.trouble import BrokenPart

COLUMNS = ("id", "source", "type", "customer_id", "time", "recorded", "data", "history")
REQUIRED = ("id", "type", "customer_id", "time")
ROWS = 10_000
ROW_BYTES = 500  # what an event has as JSON, roughly

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class ParquetFile:
    """A file with one event in each row; rows are numbered from 1."""

    path: Path
    name: str

    @property
    def size(self) -> int:
        """Bytes of its rows as JSON, roughly."""
        parquet, troubles = _arrow()
        try:
            return int(parquet.read_metadata(self.path).num_rows) * ROW_BYTES
        except troubles:
            return 0

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Every row as JSON: as on care.events where it has `recorded`, else as posted."""
        parquet, troubles = _arrow()
        number = 0
        try:
            with parquet.ParquetFile(self.path) as file:
                columns = _columns(file.schema_arrow.names)
                for batch in file.iter_batches(ROWS, columns=columns, use_threads=False):
                    for row in batch.to_pylist():
                        number += 1
                        yield number, _line(row)
        except troubles as error:
            raise BrokenPart(number + 1, f"the file cannot be read on: {type(error).__name__}") from error


def _arrow() -> tuple[Any, tuple[type[Exception], ...]]:
    """The library and what it raises over a file; loaded only where there are such files, because that takes a while."""
    return import_module("pyarrow.parquet"), (OSError, import_module("pyarrow").ArrowException)


def _columns(names: list[str]) -> list[str]:
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise BrokenPart(1, f"expected the columns {', '.join(REQUIRED)}, got none named {', '.join(missing)}")
    return [name for name in COLUMNS if name in names]


def _line(row: dict[str, Any]) -> bytes:
    """The row as JSON; `null` where its values are none of an event."""
    try:
        return _encode(_event(row))
    except (TypeError, ValueError, OverflowError, OSError):
        return b"null"


def _event(row: dict[str, Any]) -> dict[str, Any]:
    value = {"id": row["id"], "type": row["type"], "subject": row["customer_id"], "time": _time(row["time"]), "data": _data(row.get("data"))}
    if row.get("source"):
        value["source"] = row["source"]
    if row.get("history"):
        value["history"] = True
    if row.get("recorded") is not None:
        value |= {"specversion": "1.0", "recordedtime": _time(row["recorded"])}
    return value


def _time(value: Any) -> Any:
    """Parquet timestamps (UTC where they do not say), RFC 3339 texts, or milliseconds since 1970."""
    if isinstance(value, datetime):
        return rfc3339(to_ms(value if value.tzinfo else value.replace(tzinfo=UTC)))
    return rfc3339(value) if isinstance(value, int) else value


def _data(value: Any) -> Any:
    """JSON text goes in as it is; the fields of a struct that a row lacks are null, and left out."""
    if isinstance(value, str | bytes):
        return msgspec.Raw(value.encode() if isinstance(value, str) else value)
    return {name: field for name, field in value.items() if field is not None} if isinstance(value, dict) else value
