"""Number every public change, last in its transaction, and log what it touched."""

from collections.abc import Iterable

from flask import current_app
from sqlalchemy import delete, insert, update

from cms import writing
from cms.database import after_commit, before_commit
from cms.extensions import db
from cms.models import Change, Generation
from cms.reading import reader
from cms.services import changes, lease, outbox
from cms.times import utc_now

TOUCHED = "touched_keys"
# How many public changes the log goes back.
KEPT = 10_000
# What falls off its end goes in one statement for so many changes.
SWEPT_EVERY = 100
NUMBER = Generation.__table__.c.value
STEP = update(Generation.__table__).values(value=NUMBER + 1).returning(NUMBER)
LOG = insert(Change.__table__)
# `gone:post:ID:LOCALE` says that what was public there was removed for ever.
GONE = "gone"
# What an answer holds that declares no keys; every change touches it.
EVERYTHING = "everything"
# Whether comments are open, on whatever post: the rules have changed.
OPENNESS = "list:thread"


def touch(*keys: str) -> None:
    """Say that this transaction changes something public: `post:ID`, `list:post`, `tag:ID`, …"""
    db.session.info.setdefault(TOUCHED, set()).update(keys)


def gone(kind: str, entry_id: str, locales: Iterable[str]) -> set[str]:
    """The keys of the removal of an entry that was public in some locales."""
    return {f"{GONE}:{kind}:{entry_id}:{locale}" for locale in locales}


@before_commit
def advance() -> None:
    # The row's lock is held to the commit, so it is taken last: everything before runs in parallel.
    keys = db.session.info.pop(TOUCHED, None)
    if not keys:
        return
    ((value,),) = writing.run(STEP)
    writing.run(LOG, *({"generation": value, "key": key} for key in sorted(keys)))
    if value % SWEPT_EVERY == 0:
        # By the primary key; the row above is locked, so nobody else sweeps now.
        db.session.execute(delete(Change).where(Change.generation <= value - KEPT))
    if current_app.config["CMS"].surrogate_keys:
        # What declares no keys may show what was changed as well.
        purge = {"keys": [*sorted(changes.whole(keys)), EVERYTHING], "generation": value}
        writing.run(outbox.EVENT, outbox.event("cache.purge", utc_now(), purge))


@after_commit
def settle() -> None:
    """Let nothing be acknowledged while a process may answer by what was before.

    After every transaction, also one that changed nothing public: what it found done may be the
    work of one that ended between its commit and this.
    """
    if not reader().is_sqlite:
        lease.outlast(reader())
