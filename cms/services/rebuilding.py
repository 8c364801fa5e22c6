"""Render stored bodies again, from their sources, after a fix of the pipeline that made them."""

from collections.abc import Sequence

from sqlalchemy import select, tuple_, union

from cms import content
from cms.extensions import db
from cms.models import Entry, Publication, Revision
from cms.services import generation
from cms.services.entry_fields import RenderedBody, set_field
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
    """Entries of which the working copy, or what is or will be public, is of an older pipeline."""
    drafts = select(Entry.id).where(Entry.pipeline_version < content.PIPELINE_VERSION)
    rows = select(Publication.entry_id).where(
        not_past(), Publication.pipeline_version < content.PIPELINE_VERSION
    )
    return sorted(db.session.scalars(union(drafts, rows)))


def name_of(entry_id: str) -> str:
    entry = db.session.get_one(Entry, entry_id)
    return f"{entry.kind} {entry.slug} ({entry_id})"


def rendered_ahead(entry_ids: Sequence[str]) -> Renderings:
    """What `rebuild` will need, made before its transaction: a long body takes seconds."""
    drafts = select(Entry.body_format, Entry.body_source).where(Entry.id.in_(entry_ids))
    found = {(str(form), source) for form, source in db.session.execute(drafts)}
    found |= set(_sources(_present(entry_ids)).values())
    db.session.rollback()
    return {one: _rendered(one) for one in found}


def rebuild(entry_ids: Sequence[str], known: Renderings) -> list[str]:
    """Render these entries again: the working copy, and each live or waiting row.

    An editor sees no change: no new revision, no new version, the times stay. An entry of which a
    body is too long stays as it is there; answers the ids of those.
    """
    left = set()
    locked = select(Entry).where(Entry.id.in_(entry_ids)).order_by(Entry.id)
    for entry in db.session.scalars(locked.with_for_update(of=Entry)):
        if not _render_draft(entry, known):
            left.add(entry.id)
    rows = _present(entry_ids)
    sources = _sources(rows)
    for row in rows:
        if not _render_row(row, sources[row.entry_id, row.revision], known):
            left.add(row.entry_id)
    return sorted(left)


def _render_draft(entry: Entry, known: Renderings) -> bool:
    source = (str(entry.body_format), entry.body_source)
    rendered = _known(source, known)
    if rendered is not None:
        body = {"format": entry.body_format, "source": entry.body_source}
        set_field(entry, "body", RenderedBody(body, rendered))
    return rendered is not None


def _render_row(row: Publication, source: Source, known: Renderings) -> bool:
    rendered = _known(source, known)
    if rendered is not None and freeze_body_again(row, *source, rendered):
        generation.touch(f"{row.kind}:{row.entry_id}", f"list:{row.kind}")
    return rendered is not None


def _known(source: Source, known: Renderings) -> content.Rendered | None:
    # Rendered here only if somebody saved since.
    return known[source] if source in known else _rendered(source)


def _rendered(source: Source) -> content.Rendered | None:
    try:
        return content.render(*source)
    except content.BodyTooLarge:
        return None


def _present(entry_ids: Sequence[str]) -> Sequence[Publication]:
    rows = select(Publication).where(Publication.entry_id.in_(entry_ids), not_past())
    return db.session.scalars(rows).all()


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
