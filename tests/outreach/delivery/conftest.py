"""What the courier's tests stand on: real databases, a real ledger, a scripted or a real mail server."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from care_contracts import suppression
from outreach.database import open_engine
from outreach.delivery import ledger_table
from sqlalchemy import Engine


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
        connection.exec_driver_sql("DROP TABLE IF EXISTS care_ledger")
        connection.exec_driver_sql("DROP TABLE IF EXISTS care_suppression")
    engine.dispose()
    return url


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    suppression.prepare(engine)
    ledger_table.prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def suppressions() -> suppression.Suppressions:
    return suppression.Suppressions(secrets.token_bytes(16))


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """For what does not depend on the database."""
    engine = open_engine(f"sqlite:///{tmp_path / 'care.db'}")
    suppression.prepare(engine)
    ledger_table.prepare(engine)
    yield engine
    engine.dispose()
