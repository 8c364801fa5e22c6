"""Bring a database to the present schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from sqlalchemy import Engine

import cms.migrations

SCRIPTS = Path(cms.migrations.__file__).parent


def upgrade(engine: Engine) -> None:
    """Run every migration that this database has not seen, all or nothing."""
    with engine.connect() as connection:
        config = AlembicConfig()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def revision_of(engine: Engine) -> str | None:
    """The migration that a database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
