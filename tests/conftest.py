"""Every test that asks for the application runs on SQLite and on PostgreSQL.

Requests commit for real; before each test all tables are emptied.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from cms import writing
from cms.config import Config
from tests import applications, building
from tests.databases import PostgresqlServer
from tests.emptying import emptied

DATABASES = ["sqlite", "postgresql"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=DATABASES, help="run on this database alone")
    parser.addoption("--rounds", type=int, help="how often a fault happens, where it can")
    parser.addoption(
        "--threat",
        metavar="ROW",
        type=str.upper,
        help="run the tests of this row of docs/threats.md",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    row = config.getoption("--threat")
    if row:
        others = [one for one in items if row not in rows_of(one)]
        config.hook.pytest_deselected(items=others)
        items[:] = [one for one in items if row in rows_of(one)]


def pytest_collection_finish() -> None:
    # All that was imported stays: nobody looks through it for what could be freed.
    gc.freeze()


def rows_of(item: pytest.Item) -> set[str]:
    return {row for mark in item.iter_markers("threat") for row in mark.args}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--database")
        marked = metafunc.definition.get_closest_marker("only_on")
        found = [one for one in DATABASES if not asked or one == asked]
        found = [one for one in found if not marked or one in marked.args]
        metafunc.parametrize("database", found, indirect=True, scope="session")


@pytest.fixture(scope="session")
def postgresql() -> PostgresqlServer:
    return PostgresqlServer()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """The URL of the database under test; empty means SQLite in the data folder."""
    return request.getfixturevalue("postgresql").url if request.param == "postgresql" else ""


@pytest.fixture(scope="session")
def config(database: str, tmp_path_factory: pytest.TempPathFactory) -> Config:
    return applications.configured(tmp_path_factory.mktemp("data"), database)


@pytest.fixture(scope="session")
def migrated(config: Config) -> Iterator[Flask]:
    with applications.migrated(config) as app:
        yield app


@pytest.fixture
def app(migrated: Flask) -> Flask:
    return emptied(migrated)


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


@pytest.fixture
def moderator(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("moderator")


@pytest.fixture
def post(editor: FlaskClient) -> dict[str, Any]:
    """A post that the public sees, open to comments."""
    return building.published_post(editor)


@pytest.fixture
def unlimited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many comments and attempts as a test likes."""
    monkeypatch.setitem(app.config, "CMS", replace(app.config["CMS"], rate_limits=False))


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).parent.parent


@pytest.fixture
def count_queries() -> Any:
    """`with count_queries() as statements:` collects what sessions send."""

    @contextmanager
    def count() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        def noted(connection: Any, statement: str, given: Any) -> Any:
            statements.append(statement)
            return sent(connection, statement, given)

        sent = writing._on_sqlite
        event.listen(Engine, "before_cursor_execute", note)
        try:
            # What goes to SQLite's driver itself.
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(writing, "_on_sqlite", noted)
                yield statements
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return count


@pytest.fixture
def row() -> Any:
    """`with row(…):` tries one row of a table; the test goes on, and names those that failed."""
    failed: dict[Any, str] = {}

    @contextmanager
    def row(*names: Any) -> Iterator[None]:
        try:
            yield
        except AssertionError as error:
            failed[names] = str(error)[:500]

    yield row
    assert not failed, "\n".join(f"{names}: {error}" for names, error in failed.items())
