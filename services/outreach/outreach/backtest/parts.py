"""A log of events is made of parts, each read once from its beginning: files of JSON lines, plain or gzipped, a folder of such files."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, cast

from outreach.backtest.parquet import ParquetFile
from outreach.backtest.trouble import BrokenPart, NoLog

GZIP_GROWS = 10  # JSON lines of events are about ten times as large as their gzipped file
SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".parquet")


class Part(Protocol):
    """`name` and a record's number say where a record came from; `size` is what its lines have in bytes, roughly."""

    @property
    def name(self) -> str:
        """As it is shown to people."""
        ...

    @property
    def size(self) -> int:
        """Bytes of all its records, roughly."""
        ...

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Every record's number and JSON text; raises BrokenPart where it cannot be read on."""
        ...


@dataclass(frozen=True)
class JsonLines:
    """A file with one event in each line; lines are numbered from 1."""

    path: Path
    name: str

    @property
    def size(self) -> int:
        """Bytes of its text; estimated for a gzipped one."""
        return self.path.stat().st_size * (GZIP_GROWS if self._zipped else 1)

    @property
    def _zipped(self) -> bool:
        return self.path.suffix == ".gz"

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Every line that is not blank."""
        number = 0
        try:
            with self._open() as text:
                for number, line in enumerate(text, 1):
                    if not line.isspace():
                        yield number, line
        except (OSError, EOFError, zlib.error) as error:
            raise BrokenPart(number + 1, f"the file cannot be read on: {type(error).__name__}") from error

    def _open(self) -> IO[bytes]:
        return cast("IO[bytes]", gzip.open(self.path)) if self._zipped else self.path.open("rb")


def parts_at(path: Path) -> tuple[Part, ...]:
    """The file, or every event file below the folder in the order of their names; raises NoLog."""
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.name.endswith(SUFFIXES) and file.is_file())
        if not found:
            raise NoLog(f"expected files named {', '.join('*' + suffix for suffix in SUFFIXES)} in {path}, got none")
        return tuple(_part(file, file.relative_to(path).as_posix()) for file in found)
    if not path.is_file():
        raise NoLog(f"expected a file or folder of events, got {path}, which is not there")
    return (_part(path, path.name),)


def _part(path: Path, name: str) -> Part:
    return ParquetFile(path, name) if path.suffix == ".parquet" else JsonLines(path, name)
