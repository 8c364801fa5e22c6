"""Links that show what is not public: the working copy of a post, or the site at a time to come."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, or_, select, update

from cms.actor import Actor
from cms.errors import Gone, Malformed, NotFound
from cms.extensions import db
from cms.models import Post, PreviewLink
from cms.permissions import Action, require
from cms.reading import reader, session_reader
from cms.services import audit, clock, entries, intervals, keyset, outbox, signing
from cms.services.batches import BATCH
from cms.services.cursors import Page
from cms.services.delivery.moment import Moment
from cms.times import FOREVER, format_time

# How long after its end a link still says that it has ended.
REMEMBERED = timedelta(days=30)


def make(actor: Actor, post_id: str | None, expires_in: int) -> tuple[PreviewLink, str]:
    """A link to a post's working copy, or to the whole site, and its token, shown only now.

    `expires_in` is in seconds. Raises Forbidden, NotFound.
    """
    require(actor, Action.PREVIEW_MAKE)
    if post_id is not None:
        entries.get(Post, post_id)
    token, now = secrets.token_urlsafe(32), clock.now()
    link = PreviewLink(
        post_id=post_id,
        digest=_digest(token),
        created_at=now,
        created_by=actor.user_id,
        expires_at=now + timedelta(seconds=expires_in),
    )
    db.session.add(link)
    db.session.flush()
    _record(actor, link, "made", now)
    return link, token


def find(actor: Actor, post_id: str | None, *, limit: int, cursor: str | None, total: bool) -> Page:
    """The links to a post, or to the site, that still work, newest first.

    Raises Forbidden, Malformed for a bad cursor, NotFound.
    """
    require(actor, Action.PREVIEW_READ)
    if post_id is not None:
        entries.get(Post, post_id)
    mine = select(PreviewLink).where(
        PreviewLink.post_id == post_id,
        PreviewLink.revoked_at.is_(None),
        PreviewLink.expires_at > clock.now(),
    )
    return keyset.page(
        mine,
        (PreviewLink.created_at, PreviewLink.id),
        belongs_to=f"previews:{post_id}",
        descending=True,
        limit=limit,
        cursor=cursor,
        total=total,
    )


def revoke(actor: Actor, link_id: str) -> None:
    """End a link at once. Doing it again changes nothing. Raises Forbidden, NotFound."""
    link = db.session.get(PreviewLink, link_id, with_for_update=True)
    if link is None:
        raise NotFound("There is no such preview link.", reason="not_found")
    require(actor, Action.PREVIEW_END, link)
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        _record(actor, link, "revoked", link.revoked_at)


def end_all(user_id: str, now: datetime) -> None:
    """End every link that a user made."""
    theirs = update(PreviewLink).where(
        PreviewLink.created_by == user_id, PreviewLink.revoked_at.is_(None)
    )
    db.session.execute(theirs.values(revoked_at=now))


def follow(token: str) -> PreviewLink:
    """The link behind a token. Raises NotFound, Gone (`preview_over`) once it has ended."""
    link = db.session.scalar(select(PreviewLink).where(PreviewLink.digest == _digest(token)))
    if link is None:
        raise NotFound("There is no such preview.", reason="not_found")
    if link.revoked_at is not None or link.expires_at <= clock.reading_now():
        raise Gone("This preview link has ended. Ask for another.", reason="preview_over")
    return link


def published_now(token: str) -> tuple[Moment, str]:
    """The site as it would be with a post's working copy published, and the slug of that.

    Inside a rehearsal. Raises NotFound (also for what is in the trash), Gone.
    """
    link = follow(token)
    if link.post_id is None:
        raise NotFound("This link shows the site, not one post.", reason="not_found")
    post = entries.lock(Post, link.post_id)
    if post.trashed_at is not None:
        raise NotFound("There is no such post.", reason="not_found")
    now = clock.now()
    standing = intervals.settle(post, now)
    intervals.drop_waiting(post, standing)
    first = (post.published_at if post.live_from else None) or now
    row = intervals.show(post, standing, now, published_at=first, ends=FOREVER)
    at = format_time(row.visible_from)
    return Moment(post.locale, current_app.config["CMS"], session_reader(), at), post.slug


def site_at(token: str, moment: Moment, at: datetime | None) -> Moment:
    """The public site as it will stand at a time. Raises NotFound, Gone, Malformed (the past)."""
    if follow(token).post_id is not None:
        raise NotFound("This link shows one post, not the site.", reason="not_found")
    now = clock.reading_now()
    if at is not None and at < now:
        fault = {"pointer": "at", "detail": "Only what is to come can be shown."}
        raise Malformed("This time has passed.", reason="bad_parameter", errors=[fault])
    return Moment(moment.locale, moment.config, reader(), format_time(at or now))


def sweep(now: datetime) -> int:
    """Forget links that ended long ago; answer how many."""
    over = now - REMEMBERED
    ended = or_(PreviewLink.expires_at <= over, PreviewLink.revoked_at <= over)
    old = select(PreviewLink.id).where(ended).limit(BATCH).with_for_update(skip_locked=True)
    statement = delete(PreviewLink).where(PreviewLink.id.in_(old))
    return db.session.execute(statement, execution_options={"synchronize_session": False}).rowcount


def _digest(token: str) -> str:
    return signing.digest("preview", token)


def _record(actor: Actor, link: PreviewLink, verb: str, now: datetime) -> None:
    audit.record(actor, f"preview.{verb}", link.id, now)
    payload: dict[str, Any] = {"id": link.id, "post_id": link.post_id}
    outbox.record(f"preview.{verb}", now, **payload)
