"""How public reads go to PostgreSQL: by statements that are prepared, each in one call."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import ClientCursor, DataError, InterfaceError, OperationalError, capabilities
from psycopg.adapt import Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import DiagnosticField, ExecStatus, Format
from psycopg.pq.abc import PGresult
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL

from cms.database import POSTGRESQL_OPTIONS
from cms.waits import BoundedConnection

# A public statement has one good plan, whatever it is asked: from index to index. So it is prepared
# and planned once, where planning would cost more than running; and no index is walked to merge it.
# To start other processes for one would take longer than all of it; and what is read is at hand, as
# a rule, so that a page here and there costs no more than those beside each other. With less
# memory, what finds 100,000 texts of a million would forget which ones of a page they were.
ONE_PLAN_EACH = (
    "-c plan_cache_mode=force_generic_plan -c enable_mergejoin=off -c enable_hashjoin=off"
    " -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1 -c work_mem=32MB"
)
BINARY = Format.BINARY
READ_ONLY = "-c default_transaction_read_only=on"
# How many statements a connection keeps prepared, and how long one may be: what strangers ask for
# has many forms, and the plan of a long one takes the server megabytes.
MOST_PREPARED, LONGEST_PREPARED = 100, 12_000


class Prepared(NamedTuple):
    """A statement that the server knows, and the names of what it is given, in their order. Without
    a name, the server does not know it.
    """

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
        with self.bounded():
            result = self._asked(sql, parameters)
        self._loader.set_pgresult(result)
        rows = self._loader.load_rows(0, result.ntuples, tuple)
        # Else it would be kept until this thread reads again.
        self._loader.set_pgresult(None)
        return rows

    def _asked(self, sql: str, parameters: Mapping[str, Any]) -> PGresult:
        known = self._statements.pop(sql, None)
        try:
            return self._ask(sql, known or self._prepare(sql, parameters), parameters)
        except InvalidSqlStatementName:
            # Whoever shares a connection of ours with others has another one behind it by now.
            if known is None:
                raise
        del self._statements[sql]
        return self._ask(sql, self._prepare(sql, parameters), parameters)

    def _ask(self, sql: str, known: Prepared, parameters: Mapping[str, Any]) -> PGresult:
        if known.name:
            # Behind all others: the one that was not asked for longest comes first.
            self._statements[sql] = known
        values = [_as_text(parameters[name]) for name in known.given]
        if known.name:
            return self._checked(self.pgconn.exec_prepared(known.name, values, None, BINARY))
        numbered = _numbered(sql, known.given)
        return self._checked(self.pgconn.exec_params(numbered, values, None, None, BINARY))

    def _prepare(self, sql: str, parameters: Mapping[str, Any]) -> Prepared:
        given = [name for name in parameters if f"%({name})s" in sql]
        if len(sql) > LONGEST_PREPARED:
            return Prepared(b"", given)
        if len(self._statements) >= MOST_PREPARED:
            self._forget(next(iter(self._statements)))
        self._made += 1
        known = Prepared(f"read_{self._made}".encode(), given)
        self._checked(self.pgconn.prepare(known.name, _numbered(sql, given)))
        return known

    def _forget(self, sql: str) -> None:
        name = self._statements.pop(sql).name
        # A pool between us and the server may know it by another name, and passes on the message.
        if capabilities.has_send_close_prepared():
            self._checked(self.pgconn.close_prepared(name))
        else:
            self._checked(self.pgconn.exec_(b"DEALLOCATE " + name))

    def _checked(self, result: PGresult) -> PGresult:
        if result.status in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
            return result
        if not result.error_field(DiagnosticField.SQLSTATE):
            # The server has not said it: nobody knows what it would say next.
            self.close()
            raise OperationalError(result.get_error_message())
        raise error_from_result(result)


def _numbered(sql: str, given: Sequence[str]) -> bytes:
    return (sql % {name: f"${place}" for place, name in enumerate(given, 1)}).encode()


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
