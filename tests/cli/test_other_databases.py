"""PostgreSQL databases that a site can not live in: what `cms` says of them, and how it ends."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from cms import create_app
from cms.cli import cli
from cms.config import Config
from tests.databases import PostgresqlServer

LATIN = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
BYTES = LATIN.replace("LATIN1", "SQL_ASCII")
UTF8 = LATIN.replace("LATIN1", "UTF8")


@pytest.fixture
def made(postgresql: PostgresqlServer) -> Iterator:
    """`made(how)` makes an empty database and answers its URL."""
    names = []

    def make(how: str) -> str:
        names.append(f"other_{secrets.token_hex(4)}")
        asked(postgresql.url, f"CREATE DATABASE {names[-1]} {how}")
        return url_of(postgresql, names[-1])

    yield make
    for name in names:
        asked(postgresql.url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def stranger(postgresql: PostgresqlServer) -> Iterator[str]:
    """A role that may do nothing but come in."""
    name = f"stranger_{secrets.token_hex(4)}"
    asked(postgresql.url, f"CREATE ROLE {name} LOGIN")
    yield name
    asked(postgresql.url, f"DROP ROLE {name}")


def url_of(server: PostgresqlServer, database: str) -> str:
    return server.url.rpartition("/")[0] + f"/{database}"


def asked(url: str, *statements: str) -> list[tuple]:
    with psycopg.connect(url, autocommit=True) as connection:
        found = [connection.execute(one) for one in statements][-1]
        return found.fetchall() if found.description else []


def cms(command: str, folder: Path, url: str) -> Result:
    env = {"CMS_DATA_DIR": str(folder), "CMS_DATABASE_URL": url, "CMS_SECRET": "x" * 32}
    return CliRunner().invoke(cli, command.split(), env=env, prog_name="cms")


def is_empty(url: str) -> bool:
    return asked(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


@pytest.mark.parametrize("command", ["init", "db upgrade", "run"])
@pytest.mark.parametrize(("how", "encoding"), [(LATIN, "LATIN1"), (BYTES, "SQL_ASCII")])
def test_one_that_is_not_in_utf8_is_refused_before_anything_is_made(
    made, tmp_path: Path, command: str, how: str, encoding: str
) -> None:
    url = made(how)

    result = cms(command, tmp_path / "data", url)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: The database is encoded in {encoding}, and")
    assert "--encoding UTF8" in result.stderr
    assert is_empty(url)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_one_that_became_a_site_all_the_same_is_found_by_its_check(
    postgresql: PostgresqlServer, made, tmp_path: Path, encoding: str
) -> None:
    url, folder = made(UTF8), tmp_path / "data"
    assert cms("init", folder, url).exit_code == 0
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        other = "UPDATE pg_database SET encoding = pg_char_to_encoding(%s) WHERE datname = %s"
        connection.execute(other, (encoding, url.rpartition("/")[2]))

    result = cms("check", folder, url)
    site = create_app(Config(data_dir=folder, database_url=url, secret="x" * 32))
    ready = site.test_client().get("/readyz")

    assert result.exit_code == 1
    assert "problem  database: encoded in" in result.output
    # Readers are answered meanwhile.
    assert (ready.status_code, "encoded in" in ready.json["warnings"]["encoding"]) == (200, True)


def test_a_role_that_may_make_no_tables_is_told_so(made, stranger: str, tmp_path: Path) -> None:
    url = made(UTF8)
    asked(url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    theirs = url.replace("postgres@", f"{stranger}@")

    for command in ("init", "db upgrade"):
        result = cms(command, tmp_path / "data", theirs)

        assert result.exit_code == 1
        assert result.stderr.startswith("Error: The database's role lacks a right: permission")
        assert "as its owner may" in result.stderr
    assert is_empty(url)


def test_a_role_that_may_not_read_what_is_there_is_told_so(
    made, stranger: str, tmp_path: Path
) -> None:
    url = made(UTF8)
    assert cms("init", tmp_path / "data", url).exit_code == 0

    result = cms("user list", tmp_path / "data", url.replace("postgres@", f"{stranger}@"))

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The database's role lacks a right: permission denied")


def test_what_the_environment_says_of_encodings_does_not_matter(
    made, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")

    assert cms("init", tmp_path / "data", made(UTF8)).exit_code == 0
