"""How public reads go to PostgreSQL: by statements that are prepared, each in one call."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import ClientCursor, DataError, InterfaceError, OperationalError
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL

from cms.database import POSTGRESQL_OPTIONS
from cms.waits import BoundedConnection

# A public statement has one good plan, whatever it is asked: from index to index. So it is prepared
# and planned once, where planning would cost more than running; and no index is walked to merge it.
# To start other processes for one would take longer than all of it.
ONE_PLAN_EACH = (
    "-c plan_cache_mode=force_generic_plan -c enable_mergejoin=off -c enable_hashjoin=off"
    " -c max_parallel_workers_per_gather=0"
)
READ_ONLY = "-c default_transaction_read_only=on"
# How many statements a connection keeps prepared.
MOST_PREPARED = 400


class Prepared(NamedTuple):
    """A statement that the server knows, and the names of what it is given, in their order."""

    name: bytes
    given: Sequence[str]


class ReadingConnection(BoundedConnection):
    """Keeps every statement prepared, and asks it by one call of libpq's, for as little as a third
    of what the driver's cursors take."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._statements: dict[str, Prepared] = {}
        self._made = 0
        self._loader = Transformer(self)

    def fetch(self, sql: str, parameters: Mapping[str, Any]) -> list[Any]:
        """The rows of a statement with `%(named)s` parameters: texts, numbers and None.

        Raises the driver's errors, and DataError for a text with a NUL.
        """
        known = self._statements.get(sql) or self._prepare(sql, parameters)
        values = [_as_text(parameters[name]) for name in known.given]
        with self.bounded():
            result = self._checked(
                self.pgconn.exec_prepared(known.name, values, None, Format.BINARY)
            )
        self._loader.set_pgresult(result)
        rows = self._loader.load_rows(0, result.ntuples, tuple)
        # Else it would be kept until this thread reads again.
        self._loader.set_pgresult(None)
        return rows

    def _prepare(self, sql: str, parameters: Mapping[str, Any]) -> Prepared:
        given = [name for name in parameters if f"%({name})s" in sql]
        numbered = sql % {name: f"${place}" for place, name in enumerate(given, 1)}
        self._made += 1
        name = f"read_{self._made}".encode()
        with self.bounded():
            # A busy one is soon prepared again: to know which are would cost at each read.
            if len(self._statements) >= MOST_PREPARED:
                oldest = self._statements.pop(next(iter(self._statements)))
                self._checked(self.pgconn.exec_(b"DEALLOCATE " + oldest.name))
            self._checked(self.pgconn.prepare(name, numbered.encode()))
        known = self._statements[sql] = Prepared(name, given)
        return known

    def _checked(self, result: PGresult) -> PGresult:
        if result.status in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
            return result
        if self.pgconn.status == ConnStatus.BAD:
            raise OperationalError(result.get_error_message())
        raise error_from_result(result)


def _as_text(value: Any) -> bytes | None:
    if value is None:
        return None
    found = str(value).encode()
    if b"\0" in found:
        # It would be read as its end.
        raise DataError("PostgreSQL has no texts with a NUL.")
    return found


class PostgresqlReads:
    dialect, paramstyle = PGDialect_psycopg, "pyformat"
    failures = (OperationalError, InterfaceError)

    def __init__(self, url: URL) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)

    def connect(self) -> ReadingConnection:
        options = POSTGRESQL_OPTIONS | {
            "options": f"{POSTGRESQL_OPTIONS['options']} {ONE_PLAN_EACH} {READ_ONLY}",
        }
        options |= {"autocommit": True, "prepare_threshold": 0}
        return ReadingConnection.connect(self._dsn, **options)

    def fetch(self, connection: Any, sql: str, parameters: Any, *, anew: bool) -> list[Any]:
        if anew:
            # Values written into the text, so that they are planned for.
            return ClientCursor(connection).execute(sql, parameters).fetchall()
        if isinstance(connection, ReadingConnection):
            return connection.fetch(sql, parameters)
        # A session's: the driver begins its transaction.
        return connection.execute(sql, parameters).fetchall()

    def is_lost(self, connection: Any, _error: Exception) -> bool:
        # A statement that timed out is "operational" as well, and would time out again.
        return connection.closed
