"""A site on each database, with a database of its own, that keeps what it acknowledges."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import DATABASES
from tests.databases import PostgresqlServer
from tests.faults.sites import Place, Site, placed, served

# As in production, but for its size.
KEEPING = ["fsync=on", "synchronous_commit=on", "max_connections=60", "shared_buffers=64MB"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """For tests that start a server of their own on PostgreSQL."""
    if "kind_of_database" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--database")
        metafunc.parametrize("kind_of_database", [asked] if asked else DATABASES)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    server = PostgresqlServer(KEEPING)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def own_database(database: str) -> str:
    """The URL of an empty database; empty for SQLite."""
    if not database:
        return ""
    name = f"site_{secrets.token_hex(4)}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return database.rpartition("/")[0] + f"/{name}"


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How often a fault happens: `--rounds`, or as often as takes seconds."""
    return request.config.getoption("--rounds") or 1


@pytest.fixture
def place(own_database: str, tmp_path: Path) -> Iterator[Place]:
    with placed(tmp_path, CMS_DATABASE_URL=own_database) as place:
        yield place


@pytest.fixture(scope="module")
def site(own_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site")
    with served(folder, CMS_DATABASE_URL=own_database) as site:
        yield site
