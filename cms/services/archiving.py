"""Comments out of a site as a file: whole, with their ids. Into one they come by `bringing_in`."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Select, select

from cms.actor import Actor
from cms.extensions import db
from cms.importers import comment_files
from cms.models import Comment, ConsentText, Post
from cms.permissions import Action, require
from cms.services import audit, clock

# Comments that are read at a time.
PART = 200
# What the record of an export is about.
ABOUT = "comments"
# What only some people may read.
READ = {
    "id": Comment.id,
    "post_id": Comment.post_id,
    "post_slug": Post.slug,
    "post_locale": Post.locale,
    "parent_id": Comment.parent_id,
    "status": Comment.status,
    "flag": Comment.flag,
    "is_staff": Comment.is_staff,
    "author_name": Comment.name,
    "author_email": Comment.email,
    "author_url": Comment.url,
    "network": Comment.network,
    "user_agent": Comment.user_agent,
    "body": Comment.source,
    "note": Comment.note,
    "consent": ConsentText.text,
    "created_at": Comment.created_at,
    "updated_at": Comment.updated_at,
    "edited_at": Comment.edited_at,
    "withdrawn_at": Comment.withdrawn_at,
}
# Said in this order, in every file.
NAMES = tuple(READ)


def begin_export(actor: Actor) -> None:
    """Note who takes all comments away, with where they came from. Raises Forbidden."""
    require(actor, Action.COMMENT_ARCHIVE)
    audit.record(actor, "comments.exported", ABOUT, clock.now())


def written(kind: str) -> Iterator[str]:
    """All comments as the parts of a file, for who may: after `begin_export`."""
    return comment_files.written(rows(), NAMES, kind)


def rows() -> Iterator[Mapping[str, Any]]:
    """All comments by the fields of `CommentRecord`, a part at a time."""
    after = ""
    while part := db.session.execute(_part(after)).mappings().all():
        yield from part
        after = part[-1]["id"]
        # Else a long export would keep PostgreSQL, and SQLite's log, from tidying up.
        db.session.rollback()


def _part(after: str) -> Select[Any]:
    columns = [column.label(name) for name, column in READ.items()]
    query = select(*columns).join(Post, Post.id == Comment.post_id)
    query = query.outerjoin(ConsentText, ConsentText.id == Comment.consent_id)
    return query.where(Comment.id > after).order_by(Comment.id).limit(PART)
