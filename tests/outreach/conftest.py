"""Real databases: SQLite in a file, and a PostgreSQL server of our own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from outreach.database import open_engine
from sqlalchemy import MetaData


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server of our own on a Unix socket, or of CARELOOP_TEST_POSTGRES."""
    if given := os.environ.get("CARELOOP_TEST_POSTGRES"):
        yield given
        return
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed and CARELOOP_TEST_POSTGRES is not set")
    folder = Path(tempfile.mkdtemp(prefix="care-pg-", dir="/tmp"))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
    data, control = folder / "data", str(binaries / "pg_ctl")
    subprocess.run([*user, str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "care", "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    subprocess.run([*user, control, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    try:
        yield f"postgresql+psycopg://care@/postgres?host={folder}"
    finally:
        subprocess.run([*user, control, "-D", str(data), "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'care.db'}"
    url: str = request.getfixturevalue("postgres")
    engine = open_engine(url)
    with engine.begin() as connection:
        there = MetaData()
        there.reflect(connection)
        there.drop_all(connection)
    engine.dispose()
    return url
