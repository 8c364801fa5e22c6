"""The public history of a post as editors see it, and what they take out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import load_only

from cms.actor import Actor
from cms.errors import Conflict, NotFound
from cms.extensions import db
from cms.models import Post, Publication, Redaction, Status, past_text_id
from cms.permissions import Action, require
from cms.services import audit, clock, entries, generation, keyset, outbox, versions
from cms.services.cursors import Page, scope

# No text: what is listed here is read where it is shown.
KNOWN = load_only(
    Publication.entry_id,
    Publication.revision,
    Publication.visible_from,
    Publication.visible_until,
    Publication.correction_note,
)


@dataclass(kw_only=True)
class PastText:
    """One text that the public saw, or sees. `version` is the post's, after a change."""

    id: str
    published_at: datetime
    revision: int
    correction_note: str | None
    is_live: bool
    redaction: Redaction | None
    version: int | None = None

    @property
    def redacted(self) -> bool:
        return self.redaction is not None

    @property
    def reason(self) -> str | None:
        return self.redaction.reason if self.redaction else None

    @property
    def redacted_at(self) -> datetime | None:
        return self.redaction.created_at if self.redaction else None

    @property
    def redacted_by(self) -> str | None:
        return self.redaction.created_by if self.redaction else None


def find(actor: Actor, post_id: str, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of all that readers ever saw of a post, newest first. Raises NotFound, Malformed."""
    post, now = entries.read(actor, Post, post_id), clock.reading_now()
    page = keyset.page(
        _began(post.id, now).options(KNOWN),
        (Publication.visible_from, Publication.id),
        belongs_to=scope("manage-history", {"post": post.id}),
        descending=True,
        limit=limit,
        cursor=cursor,
        total=total,
    )
    known = _redactions([row.id for row in page.items])
    shown = [_past_text(row, known.get(row.id), now) for row in page.items]
    return Page(shown, page.next_cursor, page.total)


def redact(actor: Actor, post_id: str, version: int | None, text_id: str, reason: str) -> PastText:
    """Show readers a date and a reason in place of a text of the past.

    Saying the same again changes nothing; another reason replaces the first.
    Raises Forbidden, NotFound, StaleVersion, Conflict (`history_live`, `trashed`).
    """
    post = entries.lock(Post, post_id)
    require(actor, Action.ENTRY_PUBLISH, post)
    versions.expect(post, version)
    entries.refuse_trashed(post)
    now = clock.now()
    row = _row(post, text_id, now)
    if _is_live(row, now):
        message = "This is what readers see now. Publish another text first."
        raise Conflict(message, reason="history_live")
    redaction = db.session.get(Redaction, row.id)
    if redaction is None or redaction.reason != reason:
        redaction = _keep(actor, post, row, reason, now)
    found = _past_text(row, redaction, now)
    found.version = post.version
    return found


def _began(post_id: str, now: datetime) -> Select[tuple[Publication]]:
    """What waits is no history; what was cancelled before it showed never was any."""
    began = Publication.visible_from <= now
    return select(Publication).where(Publication.entry_id == post_id, began)


def _row(post: Post, text_id: str, now: datetime) -> Publication:
    for row in db.session.scalars(_began(post.id, now).options(KNOWN)):
        if past_text_id(post.id, row.id) == text_id:
            return row
    raise NotFound("The post never had such a text.", reason="not_found")


def _is_live(row: Publication, now: datetime) -> bool:
    return row.visible_from <= now < row.visible_until


def _redactions(ids: Sequence[int]) -> dict[int, Redaction]:
    rows = select(Redaction).where(Redaction.publication_id.in_(ids))
    return {row.publication_id: row for row in db.session.scalars(rows)}


def _past_text(row: Publication, redaction: Redaction | None, now: datetime) -> PastText:
    return PastText(
        id=past_text_id(row.entry_id, row.id),
        published_at=row.visible_from,
        revision=row.revision,
        correction_note=row.correction_note,
        is_live=_is_live(row, now),
        redaction=redaction,
    )


def _keep(actor: Actor, post: Post, row: Publication, reason: str, now: datetime) -> Redaction:
    made = Redaction(publication_id=row.id, reason=reason, created_at=now, created_by=actor.user_id)
    redaction = db.session.merge(made)
    post.changed(now)
    text_id = past_text_id(post.id, row.id)
    audit.record(actor, "post.history_redacted", post.id, now, ["reason"])
    outbox.record("post.history_redacted", now, id=post.id, text=text_id)
    # The history of a post that is offline is shown to nobody.
    if post.status_at(now) is Status.PUBLISHED:
        generation.touch(f"post:{post.id}")
    return redaction
