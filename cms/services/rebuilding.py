"""Render stored bodies again, from their sources, after a fix of the pipeline that made them."""

from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy import select, tuple_, union

from cms import content
from cms.actor import Actor
from cms.extensions import db
from cms.models import Entry, EntryMedia, LinkKind, Publication, PublicationLink, Revision
from cms.services import audit, clock, generation, media_addresses, media_bodies, outbox
from cms.services.entry_fields import keep_rendered
from cms.services.freezing import freeze_body_again
from cms.services.published import not_past

# How many entries one transaction takes: few enough to keep no editor waiting.
BATCH = 50


def every_id() -> list[str]:
    return list(db.session.scalars(select(Entry.id).order_by(Entry.id)))


def outdated_ids() -> list[str]:
    """Entries of which the working copy, or what is or will be public, is of an older pipeline,
    or names files at an address that the site no longer has.
    """
    drafts = select(Entry.id).where(Entry.pipeline_version < content.PIPELINE_VERSION)
    rows = select(Publication.entry_id).where(
        not_past(), Publication.pipeline_version < content.PIPELINE_VERSION
    )
    return sorted(db.session.scalars(union(drafts, rows, *_misaddressed())))


def _misaddressed() -> list[Any]:
    here = media_addresses.url_of(current_app.config["CMS"], "", "").rstrip("/")
    drafts = select(Entry.id).join(EntryMedia, EntryMedia.entry_id == Entry.id)
    rows = select(Publication.entry_id).join(
        PublicationLink, PublicationLink.publication_id == Publication.id
    )
    return [
        drafts.where(~Entry.body_html.contains(here, autoescape=True)),
        rows.where(
            not_past(),
            PublicationLink.kind == LinkKind.MEDIA,
            ~Publication.body.contains(here, autoescape=True),
        ),
    ]


def rebuild(actor: Actor, entry_ids: Sequence[str]) -> None:
    """Render these entries again, and record each that came out differently."""
    _announce(actor, render_again(entry_ids))


def render_again(entry_ids: Sequence[str]) -> list[Entry]:
    """Render the working copy, and each live or waiting row; answer what is another now.

    An editor sees no change: no new revision, no new version, the times stay.
    """
    query = select(Entry).where(Entry.id.in_(entry_ids)).order_by(Entry.id)
    entries = db.session.scalars(query.with_for_update(of=Entry)).all()
    changed = {entry.id for entry in entries if _render_draft(entry)} | _render_rows(entry_ids)
    return [entry for entry in entries if entry.id in changed]


def _render_draft(entry: Entry) -> bool:
    """Render a working copy again; say whether it is another now."""
    keep_rendered(entry, media_bodies.render(entry.body_format, entry.body_source))
    return db.session.is_modified(entry)


def _render_rows(entry_ids: Sequence[str]) -> set[str]:
    """Render what is or will be public again; answer the entries of which it is another now."""
    present = select(Publication).where(Publication.entry_id.in_(entry_ids), not_past())
    rows = db.session.scalars(present).all()
    sources = _sources(rows)
    changed = [row for row in rows if freeze_body_again(row, *sources[row.entry_id, row.revision])]
    for row in changed:
        generation.touch(f"{row.kind}:{row.entry_id}", f"list:{row.kind}")
    return {row.entry_id for row in changed}


def _announce(actor: Actor, entries: Sequence[Entry]) -> None:
    now = clock.now()
    for entry in entries:
        verb = f"{entry.kind}.rebuilt"
        audit.record(actor, verb, entry.id, now)
        outbox.record(verb, now, id=entry.id, slug=entry.slug, locale=entry.locale)


def _sources(rows: Sequence[Publication]) -> dict[tuple[str, int], tuple[str, str]]:
    """The format and the source of each row's body, by entry and revision."""
    wanted = [(row.entry_id, row.revision) for row in rows]
    number = tuple_(Revision.entry_id, Revision.number)
    return {
        (revision.entry_id, revision.number): (
            revision.fields["body_format"],
            revision.fields["body_source"],
        )
        for revision in db.session.scalars(select(Revision).where(number.in_(wanted)))
    }
