"""What editors do with uploaded files, once they are there. See `uploading` for how they come."""

from typing import Any

from flask import current_app
from sqlalchemy import or_, select

from cms.actor import Actor
from cms.errors import Conflict, NotFound
from cms.extensions import db
from cms.models import Media
from cms.permissions import Action, require
from cms.services import audit, clock, generation, keyset, locks, media_uses, outbox, rebuilding
from cms.services.cursors import Page, scope
from cms.services.rebuilding import Renderings
from cms.storage import storage

# How many users a refusal names.
MOST_NAMED = 20


def find(
    actor: Actor, *, sort: str, limit: int, cursor: str | None, total: bool, **filters: Any
) -> Page:
    """A page of files. `q`: every word is in the name, the alternative text or the caption.

    `unused` keeps those that nothing uses, or, when false, those that something does.
    Raises Malformed for a bad cursor.
    """
    require(actor, Action.CONTENT_READ)
    query = select(Media)
    for word in filters.get("q", "").split():
        places = (Media.filename, Media.alt, Media.caption)
        query = query.where(or_(*(one.icontains(word, autoescape=True) for one in places)))
    if "mime_type" in filters:
        query = query.where(Media.mime_type.in_(filters["mime_type"]))
    if "unused" in filters:
        unused = media_uses.nothing_uses()
        query = query.where(unused if filters["unused"] else ~unused)
    return keyset.page(
        query,
        (Media.created_at, Media.id),
        belongs_to=scope("media", filters | {"sort": sort}),
        descending=sort.startswith("-"),
        limit=limit,
        cursor=cursor,
        total=total,
    )


def get(actor: Actor, media_id: str) -> Media:
    """Raises NotFound."""
    require(actor, Action.CONTENT_READ)
    return _known(db.session.get(Media, media_id))


def prepared(actor: Actor, media_id: str, changes: dict[str, Any]) -> Renderings:
    """What a view does before its transaction: each body that shows the image, with other words.

    Raises Forbidden, NotFound.
    """
    media = _known(db.session.get(Media, media_id))
    require(actor, Action.MEDIA_EDIT, media)
    alt = changes.get("alt", media.alt)
    if alt == media.alt:
        return {}
    return rebuilding.rendered_ahead(media_uses.bodies_that_name(media_id), {media_id: alt})


def edit(
    actor: Actor, media_id: str, version: int | None, changes: dict[str, Any], ready: Renderings
) -> Media:
    """Change what is said of a file; readers see it at once, wherever the file stands.

    `ready` is what `prepared` answered. Asking for what is changes nothing; what is shown, or will
    be, is for editors. Raises Forbidden, NotFound, StaleVersion.
    """
    if changes:
        # What is saved or published meanwhile would miss them, and be missed.
        locks.own_filing()
    # A body that is saved meanwhile holds its entry, then asks for this row's key alone.
    media = _lock(actor, media_id, version, key_share=True)
    wanted = {name: value for name, value in changes.items() if getattr(media, name) != value}
    if wanted:
        if media_uses.public_keys(media.id):
            require(actor, Action.MEDIA_EDIT_SHOWN)
        for name, value in wanted.items():
            setattr(media, name, value)
        media.changed(clock.now())
        db.session.flush()
        if "alt" in wanted:
            rebuilding.render_again(media_uses.bodies_that_name(media.id), ready)
        _changed(actor, media, "changed", wanted)
    return media


def remove(actor: Actor, media_id: str, version: int | None) -> str:
    """Forget a file that nothing uses; answer the folder to `discard` after the commit.

    Raises Forbidden, NotFound, StaleVersion, Conflict (`media_in_use`).
    """
    media = _lock(actor, media_id, version)
    _refuse_used(media)
    _changed(actor, media, "removed", [])
    db.session.delete(media)
    return media.folder


def discard(folder: str) -> None:
    """Remove the bytes of a file that no row names; what a crash leaves, `media_files` finds."""
    storage(current_app.config["CMS"]).remove(folder)


def _refuse_used(media: Media) -> None:
    uses = media_uses.of(media.id)
    if uses:
        named = [f"{use['kind']} “{use['title']}” ({use['as']})" for use in uses[:MOST_NAMED]]
        raise Conflict(
            f"This file is still used by {len(uses)}: {', '.join(named)}.",
            reason="media_in_use",
            extra={"used_in": uses},
        )


def _lock(actor: Actor, media_id: str, version: int | None, **strength: bool) -> Media:
    found = db.session.get(
        Media, media_id, with_for_update=strength or True, populate_existing=True
    )
    media = _known(found)
    require(actor, Action.MEDIA_EDIT, media)
    media.expect(version)
    return media


def _known(media: Media | None) -> Media:
    if media is None:
        raise NotFound("There is no such file.", reason="not_found")
    return media


def _changed(actor: Actor, media: Media, verb: str, fields: Any) -> None:
    now = clock.now()
    generation.touch(*media_uses.public_keys(media.id))
    audit.record(actor, f"media.{verb}", media.id, now, fields)
    outbox.record(f"media.{verb}", now, id=media.id)
