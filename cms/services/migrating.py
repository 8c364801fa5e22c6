"""Bring a database to the present schema."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

import cms.migrations

SCRIPTS = Path(cms.migrations.__file__).parent


def upgrade(engine: Engine) -> None:
    """Run every migration that this database has not seen, all or nothing."""
    # Here alone: it brings what knows every database there is, and a server keeps what it loads.
    from alembic import command
    from alembic.config import Config as AlembicConfig

    with engine.connect() as connection:
        config = AlembicConfig()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def revision_of(engine: Engine) -> str | None:
    """The migration that a database is at; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))
