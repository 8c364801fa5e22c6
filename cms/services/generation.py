"""Number every public change, last in its transaction, and log what it touched."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, insert, update

from cms import writing
from cms.database import after_commit, before_commit
from cms.extensions import db
from cms.models import Change, Generation
from cms.reading import reader
from cms.services import changes, clock, lease, outbox
from cms.times import utc_now

TOUCHED, RECALLED = "touched_keys", "recalled_keys"
# How long a commit takes at most, once everything is written.
COMMITTED_WITHIN = timedelta(seconds=1)
# How many public changes the log goes back.
KEPT = 10_000
# What falls off its end goes in one statement for so many changes.
SWEPT_EVERY = 100
NUMBER = Generation.__table__.c.value
STEP = update(Generation.__table__).values(value=NUMBER + 1).returning(NUMBER)
LOG = insert(Change.__table__)
# `gone:post:ID:LOCALE` says that of something that was public there no row is left to tell so.
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


def recall(beginning: datetime, keys: set[str]) -> None:
    """Say what else this transaction changes if what it calls off begins before it is committed.

    Until then, readers see what was planned, and nothing is left to tell that they did.
    """
    db.session.info.setdefault(RECALLED, []).append((beginning, keys))


@before_commit
def advance() -> None:
    # The row's lock is held to the commit, so it is taken last: everything before runs in parallel.
    keys = db.session.info.pop(TOUCHED, None)
    if not keys:
        return
    ((value,),) = writing.run(STEP)
    keys |= _begun_meanwhile()
    writing.run(LOG, *({"generation": value, "key": key} for key in sorted(keys)))
    if value % SWEPT_EVERY == 0:
        # By the primary key; the row above is locked, so nobody else sweeps now.
        db.session.execute(delete(Change).where(Change.generation <= value - KEPT))
    if current_app.config["CMS"].surrogate_keys:
        # What declares no keys may show what was changed as well.
        purge = {"keys": [*sorted(changes.whole(keys)), EVERYTHING], "generation": value}
        writing.run(outbox.EVENT, outbox.event("cache.purge", utc_now(), purge))


def _begun_meanwhile() -> set[str]:
    """Keys of what this transaction calls off, as far as readers may have seen it."""
    recalled = db.session.info.pop(RECALLED, None)
    if not recalled:
        return set()
    until = clock.now() + COMMITTED_WITHIN
    return {key for beginning, keys in recalled if beginning <= until for key in keys}


@after_commit
def settle() -> None:
    """Let nothing be acknowledged while a process may answer by what was before.

    After every transaction, also one that changed nothing public: what it found done may be the
    work of one that ended between its commit and this.
    """
    if not reader().is_sqlite:
        lease.outlast(reader())
