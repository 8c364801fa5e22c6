"""Render stored bodies again, from their sources, after a fix of the pipeline that made them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import current_app
from sqlalchemy import select, tuple_, union

from cms import content
from cms.actor import Actor
from cms.extensions import db
from cms.models import Entry, EntryMedia, LinkKind, Publication, PublicationLink, Revision
from cms.services import (
    audit,
    body_links,
    clock,
    generation,
    locks,
    media_addresses,
    media_bodies,
    outbox,
    search,
)
from cms.services.entry_fields import is_current, keep_rendered
from cms.services.freezing import freeze_body_again
from cms.services.published import not_past

# A format and a source, and what is made of it: None for a source that is too long by now.
Source = tuple[str, str]
Renderings = dict[Source, content.Rendered | None]
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


def name_of(entry_id: str) -> str:
    entry = db.session.get_one(Entry, entry_id)
    return f"{entry.kind} {entry.slug} ({entry_id})"


def rendered_ahead(entry_ids: Sequence[str], alts: Mapping[str, str] | None = None) -> Renderings:
    """What `rebuild` will need, made before its transaction: a long body takes seconds.

    `alts` are words for images, by id, that are not in the library yet.
    """
    find = _reworded(alts or {})
    drafts = select(Entry.body_format, Entry.body_source).where(Entry.id.in_(entry_ids))
    found = {(str(form), source) for form, source in db.session.execute(drafts)}
    found |= set(_sources(_present(entry_ids)).values())
    db.session.rollback()
    return {one: _rendered(one, find) for one in found}


def _reworded(alts: Mapping[str, str]) -> content.FindMedia:
    def find(ids: Iterable[str]) -> dict[str, content.MediaFile]:
        known = media_bodies.find(ids)
        return {one: replace(file, alt=alts.get(one, file.alt)) for one, file in known.items()}

    return find


def rebuild(actor: Actor, entry_ids: Sequence[str], known: Renderings) -> list[str]:
    """Render these entries again, and record each that came out differently.

    An entry of which a body is too long stays as it is there; answers the ids of those.
    """
    locks.share_filing()
    changed, left = render_again(entry_ids, known)
    _announce(actor, changed)
    return left


def render_again(
    entry_ids: Sequence[str], known: Renderings | None = None
) -> tuple[list[Entry], list[str]]:
    """Render the working copy, and each live or waiting row.

    An editor sees no change: no new revision, no new version, the times stay. Answers what is
    another now, and the ids of what is too long to be rendered.
    """
    query = select(Entry).where(Entry.id.in_(entry_ids)).order_by(Entry.id)
    entries = db.session.scalars(query.with_for_update(of=Entry)).all()
    before = known or {}
    results = [(entry.id, _render_draft(entry, before)) for entry in entries]
    rows = _present(entry_ids)
    sources = _sources(rows)
    results += [
        (row.entry_id, _render_row(row, sources[row.entry_id, row.revision], before))
        for row in rows
    ]
    changed = {entry_id for entry_id, result in results if result}
    left = {entry_id for entry_id, result in results if result is None}
    return [entry for entry in entries if entry.id in changed], sorted(left)


def _render_draft(entry: Entry, known: Renderings) -> bool | None:
    """Whether a working copy is another now; None where it is too long.

    That a newer pipeline found the same is written down, and is no news.
    """
    rendered = _known((str(entry.body_format), entry.body_source), known)
    if rendered is None:
        return None
    before = entry.body_html, entry.toc, entry.word_count
    keep_rendered(entry, rendered)
    body_links.keep_anew(entry.id, entry.revision, rendered.html, entry.locale)
    return before != (entry.body_html, entry.toc, entry.word_count)


def _render_row(row: Publication, source: Source, known: Renderings) -> bool | None:
    """The same of what is or will be public."""
    rendered = _known(source, known)
    if rendered is None:
        return None
    changed = freeze_body_again(row, rendered)
    body_links.keep_anew(row.entry_id, row.revision, rendered.html, row.locale)
    if changed:
        search.renew(row)
        generation.touch(f"{row.kind}:{row.entry_id}", f"list:{row.kind}")
    return changed


def _known(source: Source, known: Renderings) -> content.Rendered | None:
    # Rendered here only if somebody saved since, or worded an image anew.
    rendered = known.get(source)
    fits = is_current(rendered) if rendered else source in known
    return rendered if fits else _rendered(source)


def _rendered(
    source: Source, find: content.FindMedia = media_bodies.find
) -> content.Rendered | None:
    try:
        return content.render(*source, find)
    except content.BodyTooLarge:
        return None


def _present(entry_ids: Sequence[str]) -> Sequence[Publication]:
    rows = select(Publication).where(Publication.entry_id.in_(entry_ids), not_past())
    return db.session.scalars(rows).all()


def _announce(actor: Actor, entries: Sequence[Entry]) -> None:
    now = clock.now()
    for entry in entries:
        verb = f"{entry.kind}.rebuilt"
        audit.record(actor, verb, entry.id, now)
        outbox.record(verb, now, id=entry.id, slug=entry.slug, locale=entry.locale)


def _sources(rows: Sequence[Publication]) -> dict[tuple[str, int], Source]:
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
