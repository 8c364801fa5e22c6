"""An application without rows. A file of tests that only read may share what it builds on one:

@pytest.fixture(scope="module")
def app(migrated):
    return emptied(migrated)
"""

from flask import Flask
from sqlalchemy import Connection

from cms.api import unanswered
from cms.api.front import front_of
from cms.extensions import db
from cms.models import Base
from cms.services.delivery import memory

# Rows that a migration puts there.
KEPT_TABLES = {"generation"}
# Those that name others before those.
TABLES = [one.name for one in reversed(Base.metadata.sorted_tables)]
FILLED = " UNION ALL ".join(
    f"SELECT {at} WHERE EXISTS (SELECT 1 FROM {name})"  # noqa: S608
    for at, name in enumerate(TABLES)
)


def emptied(app: Flask) -> Flask:
    """Delete every row, but for those that a migration put there."""
    front = front_of(app)
    if front is not None:
        front.clear()
    memory.init_app(app)
    # What others searched for is not counted here.
    unanswered.init_app(app)
    with app.app_context(), db.engine.begin() as connection:
        # It is no model's, and nothing empties it with the others on SQLite.
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "INSERT INTO search_newest(search_newest) VALUES('delete-all')"
            )
        else:
            connection.exec_driver_sql("DELETE FROM search_newest")
            connection.exec_driver_sql("DELETE FROM search_words")
        connection.exec_driver_sql("DELETE FROM search_index")
        for name in filled(connection):
            if name not in KEPT_TABLES:
                connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608
    return app


def filled(connection: Connection) -> list[str]:
    """The tables that have rows, by one statement for all."""
    found = connection.exec_driver_sql(FILLED)
    return [TABLES[at] for at in sorted(at for (at,) in found)]
