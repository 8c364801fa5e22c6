"""Who owns a slug, who may take it, and where an old one leads.

An entry holds its working slug and every slug of its public or waiting rows. A slug that it only
had in the past redirects to it, until another entry takes it.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from slugify import slugify
from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite

from cms.errors import Conflict
from cms.extensions import db
from cms.models import Entry, EntrySlug, Publication

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


def claim_from_title(entry: Entry) -> str:
    """Hold the first free slug made from the title: `title`, `title-2`, `title-3`, …"""
    base = from_name(entry.kind, entry.title)
    taken = _held_like(entry, base)
    return next(slug for slug in numbered(base) if slug not in taken and _take(entry, slug))


def settle(entry: Entry, now: datetime) -> None:
    """Let go of slugs that this entry no longer needs; keep those that were public as redirects."""
    rows = db.session.execute(
        select(Publication.locale, Publication.slug, Publication.visible_until > now).where(
            Publication.entry_id == entry.id
        )
    ).all()
    shown = {(locale, slug) for locale, slug, _ in rows}
    held = {(locale, slug) for locale, slug, lasts in rows if lasts}
    held.add((entry.locale, entry.slug))
    for row in db.session.scalars(select(EntrySlug).where(EntrySlug.entry_id == entry.id)):
        name = row.locale, row.slug
        if name in held or name in shown:
            row.held = name in held
        else:
            db.session.delete(row)


def _take(entry: Entry, slug: str) -> bool:
    # One statement decides a race: whoever comes second finds the slug held.
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    new = dialect.insert(EntrySlug).values(
        kind=entry.kind, locale=entry.locale, slug=slug, entry_id=entry.id, held=True
    )
    free = or_(~EntrySlug.held, EntrySlug.entry_id == entry.id)
    taken = new.on_conflict_do_update(
        index_elements=["kind", "locale", "slug"],
        set_={"entry_id": new.excluded.entry_id, "held": True},
        where=free,
    )
    return db.session.execute(taken.returning(EntrySlug.slug)).first() is not None


def _held_like(entry: Entry, base: str) -> set[str]:
    # A slug holds no LIKE wildcard.
    alike = or_(EntrySlug.slug == base, EntrySlug.slug.like(f"{base}-%"))
    query = select(EntrySlug.slug).where(
        EntrySlug.kind == entry.kind,
        EntrySlug.locale == entry.locale,
        EntrySlug.entry_id != entry.id,
        EntrySlug.held,
        alike,
    )
    return set(db.session.scalars(query))
