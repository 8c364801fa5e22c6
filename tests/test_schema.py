"""The migrations make the schema that the models describe, on both databases."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, create_engine, inspect, text
from sqlalchemy.schema import CreateTable

from cms.extensions import db
from cms.migrations.head import HEAD
from cms.models import Base
from cms.services.migrating import SCRIPTS, revision_of, upgrade

TABLES = sorted(Base.metadata.tables)
BY_HAND = ("search_index", "search_newest", "search_words")
KINDS = {"primary": "pk", "unique": "uq", "foreign": "fk", "check": "ck"}


@pytest.fixture
def engine(app) -> Engine:
    with app.app_context():
        return db.engine


def constraint_names(inspector, table: str) -> dict[str, set[str | None]]:
    return {
        "primary": {inspector.get_pk_constraint(table)["name"]},
        "unique": {one["name"] for one in inspector.get_unique_constraints(table)},
        "foreign": {one["name"] for one in inspector.get_foreign_keys(table)},
        "check": {one["name"] for one in inspector.get_check_constraints(table)},
    }


def expected_names(engine: Engine, table) -> set[str]:
    """As the DDL of the models spells them."""
    ddl = str(CreateTable(table).compile(engine))
    return set(re.findall(r"CONSTRAINT (\w+)", ddl))


def partial_indexes(inspector, table: str) -> dict[str, str]:
    return {
        one["name"]: str(where)
        for one in inspector.get_indexes(table)
        for name, where in one.get("dialect_options", {}).items()
        if name.endswith("_where")
    }


def test_the_head_that_the_program_knows_is_the_newest_migration(engine):
    config = AlembicConfig()
    config.set_main_option("script_location", str(SCRIPTS))

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
    assert revision_of(engine) == HEAD


def test_the_migrations_make_what_the_models_describe(engine):
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": is_modelled}
        context = MigrationContext.configure(connection, opts=opts)

        assert compare_metadata(context, Base.metadata) == []


def is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    """All but the full-text index, which is spelled by hand, and what FTS5 makes beside it."""
    return kind != "table" or not str(name).startswith(BY_HAND)


@pytest.mark.parametrize("name", TABLES)
def test_every_constraint_has_the_name_that_the_models_give_it(engine, name):
    found = constraint_names(inspect(engine), name)

    assert set().union(*found.values()) - {None} == expected_names(
        engine, Base.metadata.tables[name]
    )


@pytest.mark.parametrize("name", TABLES)
def test_no_constraint_is_nameless_or_prefixed_twice(engine, name):
    for kind, names in constraint_names(inspect(engine), name).items():
        prefix = f"{KINDS[kind]}_{name}"
        # SQLite numbers rows by a column that is a key without a name.
        for one in names - ({None} if kind == "primary" else set()):
            assert re.match(rf"{prefix}(_|$)", one)
            assert not re.match(rf"{prefix}_(ix|uq|ck|fk|pk|{name})_", one)


@pytest.mark.parametrize("name", TABLES)
def test_every_check_means_what_the_models_mean(engine, name):
    checks = {one["name"]: one["sqltext"] for one in inspect(engine).get_check_constraints(name)}
    meant = [
        one for one in Base.metadata.tables[name].constraints if isinstance(one, CheckConstraint)
    ]

    for one in meant:
        assert words(str(one.sqltext)) == words(checks[one.name])


def words(sql: str) -> list[str]:
    """What a condition says, whatever brackets and casts a database adds to it."""
    plain = re.sub(r"::\w+( (?:varying|precision))?", "", sql).replace("<>", "!=")
    return re.findall(r"\w+|[<>=!]+", plain.lower())


@pytest.mark.parametrize("name", TABLES)
def test_every_index_is_there_under_its_name(engine, name):
    found = {
        one["name"]: one["column_names"]
        for one in inspect(engine).get_indexes(name)
        if "duplicates_constraint" not in one
    }

    meant = {
        one.name: [column.name for column in one.columns]
        for one in Base.metadata.tables[name].indexes
    }

    assert found == meant


def test_lists_of_publications_have_indexes_without_the_past(engine):
    found = partial_indexes(inspect(engine), "publications")
    table = Base.metadata.tables["publications"]
    option = engine.dialect.name

    wheres = {one.name: one.dialect_options[option]["where"] for one in table.indexes}
    meant = {name: str(where) for name, where in wheres.items() if where is not None}

    assert {name: where.strip("()") for name, where in found.items()} == meant
    assert list(meant.values()).count("NOT past") >= 8


def test_an_empty_database_comes_to_the_head(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'new.db'}")

    assert revision_of(engine) is None
    upgrade(engine)
    upgrade(engine)

    assert revision_of(engine) == HEAD
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT value FROM generation")) == 0
    engine.dispose()
