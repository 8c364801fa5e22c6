"""Who holds a slug: an entry its working one, and that of each of its public or waiting rows.

A slug of the past is free. It redirects to the entry that had it, until another is public under it.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any

from slugify import slugify
from sqlalchemy import bindparam, delete, select

from cms import writing
from cms.errors import Conflict
from cms.extensions import db
from cms.models import Entry, EntrySlug, Publication
from cms.reading import session_reader
from cms.services.published import not_past
from cms.services.sql import insert_into

LONGEST = 120
# Made once: each is a part of every save.
HELD = EntrySlug.__table__
HELD_LIKE = select(HELD.c.slug).where(
    HELD.c.kind == bindparam("kind"),
    HELD.c.locale == bindparam("locale"),
    HELD.c.entry_id != bindparam("entry_id"),
    # A range, which an index is entered by: SQLite's LIKE would read every slug of the kind.
    HELD.c.slug >= bindparam("base"),
    HELD.c.slug < bindparam("end"),
)
HELD_BY = select(HELD.c.locale, HELD.c.slug).where(HELD.c.entry_id == bindparam("entry_id"))
FREED = delete(HELD).where(
    HELD.c.kind == bindparam("kind"),
    HELD.c.locale == bindparam("locale"),
    HELD.c.slug == bindparam("slug"),
)


def from_name(kind: str, name: str) -> str:
    """A slug in ASCII from a title in any script; the kind's name where nothing is left."""
    return slugify(name, max_length=LONGEST - 10, word_boundary=True) or kind


def numbered(base: str) -> Iterator[str]:
    """`base`, `base-2`, `base-3`, … without end."""
    return (base if n == 1 else f"{base}-{n}" for n in count(1))


def claim(entry: Entry) -> None:
    """Hold the slug that an editor asked for. Raises Conflict when another entry holds it."""
    if not _take(entry, entry.slug):
        raise Conflict(
            f"Another {entry.kind} has the slug {entry.slug!r}.",
            reason="slug_taken",
            errors=[{"pointer": "/slug", "detail": "This slug is taken."}],
        )


def is_free(entry: Entry, locale: str, slug: str) -> bool:
    """Whether an entry holds a slug or could claim it at this moment."""
    holder = db.session.get(EntrySlug, (entry.kind, locale, slug), populate_existing=True)
    return holder is None or holder.entry_id == entry.id


def first_free(entry: Entry) -> str:
    """The first slug made from the title that nobody holds: `title`, `title-2`, `title-3`, …"""
    base = from_name(entry.kind, entry.title)
    taken = _held_like(entry, base)
    return next(slug for slug in numbered(base) if slug not in taken)


def claim_from_title(entry: Entry) -> None:
    """Hold the slug that was free, or the next one where another entry took it meanwhile."""
    while not _take(entry, entry.slug):
        entry.slug = first_free(entry)


def settle(entry: Entry, now: datetime) -> None:
    """Let go of the slugs that this entry no longer needs."""
    held = set(session_reader().rows(HELD_BY, {"entry_id": entry.id}))
    spare = held - {(entry.locale, entry.slug)}
    free = spare - _shown(entry, now) if spare else spare
    for locale, slug in sorted(free):
        writing.run(FREED, {"kind": entry.kind, "locale": locale, "slug": slug})


def _shown(entry: Entry, now: datetime) -> set[tuple[str, str]]:
    """Locale and slug of what is or will be public of an entry."""
    mine = (Publication.entry_id == entry.id, not_past(), Publication.visible_until > now)
    rows = db.session.execute(select(Publication.locale, Publication.slug).where(*mine))
    return {(row.locale, row.slug) for row in rows}


def _take(entry: Entry, slug: str) -> bool:
    row = {"kind": entry.kind, "locale": entry.locale, "slug": slug, "entry_id": entry.id}
    # One statement decides a race: whoever comes second finds the slug held.
    return bool(writing.run(_taken(db.engine.dialect.name), row))


@cache
def _taken(_dialect: str) -> Any:
    new = insert_into(HELD)
    held_by_it = HELD.c.entry_id == new.excluded.entry_id
    taken = new.on_conflict_do_update(
        index_elements=["kind", "locale", "slug"],
        set_={"entry_id": new.excluded.entry_id},
        where=held_by_it,
    )
    return taken.returning(HELD.c.slug)


def _held_like(entry: Entry, base: str) -> set[str]:
    # Of what a slug may hold, the hyphen alone comes before the dot, in the order of bytes.
    asked = {"kind": entry.kind.value, "locale": entry.locale, "base": base, "end": f"{base}."}
    return {row[0] for row in session_reader().rows(HELD_LIKE, asked | {"entry_id": entry.id})}
