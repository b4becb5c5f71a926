"""The folder of a run: empty at its beginning, and of one run at a time."""

import fcntl
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def fresh_folder(within: Path, name: str) -> Iterator[Path]:
    """The folder `name`, emptied and readable by its owner alone; ends the process when another run is at work in it."""
    within.mkdir(parents=True, exist_ok=True)
    with (within / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"another `{name}` is running in {within / name}: end it first, or name another place with --folder")
        shutil.rmtree(within / name, ignore_errors=True)
        (within / name).mkdir(mode=0o700)
        yield within / name
