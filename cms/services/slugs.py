"""Who holds a slug: an entry its working one, and that of each of its public or waiting rows.

A slug of the past is free. It redirects to the entry that had it, until another is public under it.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any

from slugify import slugify
from sqlalchemy import bindparam, or_, select

from cms.errors import Conflict
from cms.extensions import db
from cms.models import Entry, EntrySlug, Publication
from cms.services.published import not_past
from cms.services.sql import insert_into

LONGEST = 120
# Made once: each is a part of every save.
HELD_LIKE = select(EntrySlug.slug).where(
    EntrySlug.kind == bindparam("kind"),
    EntrySlug.locale == bindparam("locale"),
    EntrySlug.entry_id != bindparam("entry_id"),
    or_(EntrySlug.slug == bindparam("base"), EntrySlug.slug.like(bindparam("more"))),
)
HELD_BY = select(EntrySlug).where(EntrySlug.entry_id == bindparam("entry_id"))


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
    held = db.session.scalars(HELD_BY, {"entry_id": entry.id})
    spare = [row for row in held if (row.locale, row.slug) != (entry.locale, entry.slug)]
    shown = _shown(entry, now) if spare else set()
    for row in spare:
        if (row.locale, row.slug) not in shown:
            db.session.delete(row)


def _shown(entry: Entry, now: datetime) -> set[tuple[str, str]]:
    """Locale and slug of what is or will be public of an entry."""
    mine = (Publication.entry_id == entry.id, not_past(), Publication.visible_until > now)
    rows = db.session.execute(select(Publication.locale, Publication.slug).where(*mine))
    return {(row.locale, row.slug) for row in rows}


def _take(entry: Entry, slug: str) -> bool:
    row = {"kind": entry.kind, "locale": entry.locale, "slug": slug, "entry_id": entry.id}
    # One statement decides a race: whoever comes second finds the slug held.
    return db.session.execute(_taken(db.engine.dialect.name), row).first() is not None


@cache
def _taken(_dialect: str) -> Any:
    new = insert_into(EntrySlug)
    held_by_it = EntrySlug.entry_id == new.excluded.entry_id
    taken = new.on_conflict_do_update(
        index_elements=["kind", "locale", "slug"],
        set_={"entry_id": new.excluded.entry_id},
        where=held_by_it,
    )
    return taken.returning(EntrySlug.slug)


def _held_like(entry: Entry, base: str) -> set[str]:
    # A slug holds no LIKE wildcard.
    asked = {"kind": entry.kind, "locale": entry.locale, "base": base, "more": f"{base}-%"}
    return set(db.session.scalars(HELD_LIKE, asked | {"entry_id": entry.id}))
