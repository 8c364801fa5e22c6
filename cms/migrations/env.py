"""How Alembic runs our migrations: on one given connection, with foreign keys off on SQLite."""

from alembic import context
from sqlalchemy import text

from cms.models import Base

connection = context.config.attributes["connection"]
sqlite = connection.dialect.name == "sqlite"


def set_foreign_keys(state: str) -> None:
    # On the driver's own connection: inside a transaction SQLite ignores this.
    if sqlite:
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={state}")


# A batch change recreates a table; with foreign keys on, that would delete every child row.
set_foreign_keys("OFF")
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
    if sqlite and connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
        raise RuntimeError("A migration would leave a reference to a row that is gone.")
connection.commit()
set_foreign_keys("ON")
