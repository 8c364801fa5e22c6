"""Who holds a slug: an entry its working one, and that of each of its public or waiting rows.

A slug of the past is free. It redirects to the entry that had it, until another is public under it.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from slugify import slugify
from sqlalchemy import or_, select

from cms.errors import Conflict
from cms.extensions import db
from cms.models import Entry, EntrySlug, Publication
from cms.services.published import not_past
from cms.services.sql import insert_into

LONGEST = 120


def from_name(kind: str, name: str) -> str:
    """A slug in ASCII from a title in any script; the kind's name where nothing is left."""
    return slugify(name, max_length=LONGEST - 10, word_boundary=True) or kind


def numbered(base: str) -> Iterator[str]:
    """`base`, `base-2`, `base-3`, … without end."""
    return (base if n == 1 else f"{base}-{n}" for n in count(1))


def claim(entry: Entry, slug: str) -> None:
    """Hold a slug that an editor asked for. Raises Conflict when another entry holds it."""
    if not _take(entry, slug):
        raise Conflict(
            f"Another {entry.kind} has the slug {slug!r}.",
            reason="slug_taken",
            errors=[{"pointer": "/slug", "detail": "This slug is taken."}],
        )


def is_free(entry: Entry, locale: str, slug: str) -> bool:
    """Whether an entry holds a slug or could claim it at this moment."""
    holder = db.session.get(EntrySlug, (entry.kind, locale, slug), populate_existing=True)
    return holder is None or holder.entry_id == entry.id


def claim_from_title(entry: Entry) -> str:
    """Hold the first free slug made from the title: `title`, `title-2`, `title-3`, …"""
    base = from_name(entry.kind, entry.title)
    taken = _held_like(entry, base)
    return next(slug for slug in numbered(base) if slug not in taken and _take(entry, slug))


def settle(entry: Entry, now: datetime) -> None:
    """Let go of the slugs that this entry no longer needs."""
    rows = db.session.execute(
        select(Publication.locale, Publication.slug).where(
            Publication.entry_id == entry.id, not_past(), Publication.visible_until > now
        )
    )
    needed = {(entry.locale, entry.slug), *map(tuple, rows)}
    for row in db.session.scalars(select(EntrySlug).where(EntrySlug.entry_id == entry.id)):
        if (row.locale, row.slug) not in needed:
            db.session.delete(row)


def _take(entry: Entry, slug: str) -> bool:
    # One statement decides a race: whoever comes second finds the slug held.
    new = insert_into(EntrySlug).values(
        kind=entry.kind, locale=entry.locale, slug=slug, entry_id=entry.id
    )
    taken = new.on_conflict_do_update(
        index_elements=["kind", "locale", "slug"],
        set_={"entry_id": new.excluded.entry_id},
        where=EntrySlug.entry_id == entry.id,
    )
    return db.session.execute(taken.returning(EntrySlug.slug)).first() is not None


def _held_like(entry: Entry, base: str) -> set[str]:
    # A slug holds no LIKE wildcard.
    alike = or_(EntrySlug.slug == base, EntrySlug.slug.like(f"{base}-%"))
    query = select(EntrySlug.slug).where(
        EntrySlug.kind == entry.kind,
        EntrySlug.locale == entry.locale,
        EntrySlug.entry_id != entry.id,
        alike,
    )
    return set(db.session.scalars(query))
