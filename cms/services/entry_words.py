"""The words that editors find a working copy by: those of its title and of its slug.

Every change of either that the ORM writes passes here, whoever asks for it.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, event, exists, insert, inspect

from cms import writing
from cms.models import Entry, EntryWord
from cms.services import folding

NEW = insert(EntryWord.__table__)
# Comes after every letter, in the order of bytes.
LAST = "\U0010ffff"


def begins(word: str) -> ColumnElement[bool]:
    """A word of an entry begins so: a condition on EntryWord that an index is entered by."""
    return and_(EntryWord.word >= word, EntryWord.word < word + LAST)


def has(word: str) -> ColumnElement[bool]:
    """A condition on Entry: one of its words begins so."""
    return exists().where(EntryWord.entry_id == Entry.id, begins(word))


@event.listens_for(Entry, "after_insert", propagate=True)
def _keep(_mapper: Any, _connection: Connection, entry: Entry) -> None:
    known = sorted({*folding.words(entry.title), *folding.words(entry.slug)})
    rows = [{"entry_id": entry.id, "kind": entry.kind, "word": word} for word in known]
    if rows:
        writing.run(NEW, *rows)


@event.listens_for(Entry, "after_update", propagate=True)
def _keep_again(mapper: Any, connection: Connection, entry: Entry) -> None:
    state = inspect(entry).attrs
    if state.title.history.has_changes() or state.slug.history.has_changes():
        connection.execute(delete(EntryWord).where(EntryWord.entry_id == entry.id))
        _keep(mapper, connection, entry)
