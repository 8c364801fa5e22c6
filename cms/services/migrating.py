"""Bring a database to the present schema."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

import cms.migrations
from cms.config import ConfigError
from cms.services.unhurried import unhurried

# What people write, and what their browsers send, is in every script.
ENCODING = "UTF8"
SCRIPTS = Path(cms.migrations.__file__).parent


def upgrade(engine: Engine) -> None:
    """Run every migration that this database has not seen, all or nothing."""
    # Here alone: it brings what knows every database there is, and a server keeps what it loads.
    from alembic import command
    from alembic.config import Config as AlembicConfig

    with unhurried(engine) as connection:
        config = AlembicConfig()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def encoding_of(engine: Engine) -> str:
    """As PostgreSQL calls it. SQLite keeps every text whole."""
    if engine.dialect.name == "sqlite":
        return ENCODING
    with engine.connect() as connection:
        told = connection.connection.driver_connection.info.parameter_status("server_encoding")
    return str(told)


def refuse_other_encoding(engine: Engine) -> None:
    """Raises ConfigError for a database that could not keep every text."""
    found = encoding_of(engine)
    if found != ENCODING:
        raise ConfigError(
            f"The database is encoded in {found}, and this program needs {ENCODING}. Have its"
            " administrator make another: `createdb --encoding UTF8 --template template0 NAME`."
        )


def revision_of(engine: Engine) -> str | None:
    """The migration that a database is at; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))
