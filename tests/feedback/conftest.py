"""What every test of the feedback service stands on."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, make_url

from tests.feedback.stage import Service, open_service
from tests.outreach.conftest import postgres  # noqa: F401 - the throw-away server that the courier's tests have, too


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database: SQLite, or what a test is parametrized with."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path}/care.db"
        return
    url, name = make_url(request.getfixturevalue("postgres")), f"care_{secrets.token_hex(8)}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield url.set(database=name).render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP DATABASE {name}")
    server.dispose()


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    """The service on that database."""
    stage = await open_service(database_url)
    yield stage
    stage.database.close()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client that runs no scripts and shows the service's errors as the pages that customers get."""
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://care.example") as client:
        yield client
