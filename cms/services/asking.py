"""Where to ask for what stands beside an entry, inside a transaction and after it alike."""

from cms.extensions import db
from cms.reading import Reader, reader, session_reader


def reader_at_hand() -> Reader:
    """The session's reader while it has a transaction, which may have changed what is asked for.

    Else the one without a session: to begin a transaction costs more than such a statement.
    """
    return session_reader() if db.session.registry().in_transaction() else reader()
