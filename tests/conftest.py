"""Every test that asks for the application runs on SQLite and on PostgreSQL.

Requests commit for real; before each test all tables are emptied.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from cms import create_app
from cms.config import Config
from cms.extensions import db
from cms.models import Base
from cms.reading import reader
from cms.services import migrating
from tests import building
from tests.databases import PostgresqlServer

DATABASES = ["sqlite", "postgresql"]
# Rows that a migration puts there.
KEPT_TABLES = {"generation"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=DATABASES, help="run on this database alone")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        only = metafunc.config.getoption("--database")
        metafunc.parametrize(
            "database", [only] if only else DATABASES, indirect=True, scope="session"
        )


@pytest.fixture(scope="session")
def postgresql() -> PostgresqlServer:
    return PostgresqlServer()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """The URL of the database under test; empty means SQLite in the data folder."""
    return request.getfixturevalue("postgresql").url if request.param == "postgresql" else ""


@pytest.fixture(scope="session")
def config(database: str, tmp_path_factory: pytest.TempPathFactory) -> Config:
    return Config(
        data_dir=tmp_path_factory.mktemp("data"),
        database_url=database,
        secret="a secret for tests",
        public_url="http://api.example.org",
        site_url="https://www.example.org",
        locales=("en", "es"),
        allowed_origins=("https://editor.example.org",),
        testing=True,
    )


@pytest.fixture(scope="session")
def migrated(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    with app.app_context():
        migrating.upgrade(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()
        reader().close()


@pytest.fixture
def app(migrated: Flask) -> Flask:
    with migrated.app_context():
        empty_tables()
    return migrated


EMPTIED = [one.name for one in reversed(Base.metadata.sorted_tables) if one.name not in KEPT_TABLES]
FILLED = " UNION ALL ".join(
    f"SELECT {at} WHERE EXISTS (SELECT 1 FROM {name})"  # noqa: S608
    for at, name in enumerate(EMPTIED)
)


def empty_tables() -> None:
    """Delete from the tables that have rows: to ask which takes one statement."""
    db.session.rollback()
    connection = db.session.connection()
    filled = sorted(at for (at,) in connection.exec_driver_sql(FILLED))
    for at in filled:
        connection.exec_driver_sql(f"DELETE FROM {EMPTIED[at]}")  # noqa: S608
    db.session.commit()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A stranger."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., FlaskClient]:
    """A client that acts, by token, for a new person with this role."""

    def sign_in(role: str, **kwargs: Any) -> FlaskClient:
        return building.signed_in(app, role, **kwargs)

    return sign_in


@pytest.fixture
def editor(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("editor")


@pytest.fixture
def admin(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("admin")


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).parent.parent


@pytest.fixture
def count_queries() -> Any:
    """`with count_queries() as statements:` collects what SQLAlchemy sends."""

    @contextmanager
    def count() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return count
