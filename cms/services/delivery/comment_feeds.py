"""The newest approved comments as a feed, of the whole site or of one post; and their numbers."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
)

from cms.content.feeds import Feed, Item, Person
from cms.models import Comment, CommentStatus, Kind, Publication, Thread
from cms.models.base import UtcDateTime
from cms.reading import Row
from cms.services import cursors
from cms.services.cursors import Page
from cms.services.delivery import site
from cms.services.delivery.comments import thread_of
from cms.services.delivery.moment import EVERY_LOCALE, Moment
from cms.services.published import LOCALE, among, is_public, padded, round_size
from cms.services.sql import time_text
from cms.services.sql_plans import apart, unindexed

# As the indexes of those that are approved say it.
IS_APPROVED = apart(Comment.status) == literal(CommentStatus.APPROVED.value, String())
NEWEST = (Comment.created_at, Comment.id)


def counts(moment: Moment, slugs: Sequence[str]) -> dict[str, int]:
    """How many comments readers see under each of some posts; who is not public is not named."""
    statement = _counts(round_size(len(slugs)))
    return dict(moment.rows(statement, **padded("post", slugs)))


def of_site(moment: Moment, limit: int, cursor: str | None) -> tuple[Feed, Page]:
    """The newest comments under any public post. Raises Malformed for a bad cursor."""
    about = site.get(moment)
    page, items = _page(moment, limit, cursor)
    title, language = about["name"], None if moment.locale == EVERY_LOCALE else moment.locale
    return Feed(title=title, home=about["url"], url="", items=items, language=language), page


def of_post(moment: Moment, slug: str, limit: int, cursor: str | None) -> tuple[Feed, Page]:
    """The newest comments under one post. Raises Moved, NotFound, Malformed."""
    thread = thread_of(moment, slug)
    page, items = _page(moment, limit, cursor, thread.post_id)
    (summary,) = moment.row(_post(), post=thread.post_id) or ("{}",)
    post = orjson.loads(summary)
    home = moment.url({"slug": slug, "locale": moment.locale})
    title, language = post.get("title", slug), moment.locale
    return Feed(title=title, home=home, url="", items=items, language=language), page


def _page(
    moment: Moment, limit: int, cursor: str | None, post_id: str | None = None
) -> tuple[Page, tuple[Item, ...]]:
    scope = cursors.scope("comment-feed", {"post": post_id, "locale": moment.locale})
    values: dict[str, Any] = {"post": post_id or "", "limit": limit + 1}
    if cursor is not None:
        values["after_at"], values["after_id"] = cursors.decode(scope, cursor)
    every = moment.locale == EVERY_LOCALE
    statement = newest(of_post=bool(post_id), every_locale=every, after=cursor is not None)
    rows = moment.rows(statement, **values)
    found = rows[:limit]
    place = cursors.encode(scope, [found[-1][6], found[-1][0]]) if len(rows) > limit else None
    return Page(found, place), tuple(_item(moment, row) for row in found)


def _item(moment: Moment, row: Row) -> Item:
    comment_id, parent_id, name, url, html, summary, created, edited = row
    post = orjson.loads(summary)
    return Item(
        id=f"urn:uuid:{comment_id}",
        url=f"{moment.url(post)}#comment-{comment_id}",
        title=f"{name}: {post['title']}",
        html=html,
        published=created,
        updated=edited or created,
        authors=(Person(name=name, url=url),),
        language=post["locale"] if moment.locale == EVERY_LOCALE else None,
        answers=f"urn:uuid:{parent_id}" if parent_id else None,
    )


@cache
def newest(*, of_post: bool, every_locale: bool, after: bool) -> Select[Any]:
    """Approved comments of public posts, newest first."""
    under = _shown(every_locale=every_locale, post_id=Comment.post_id)
    query = select(
        Comment.id,
        Comment.parent_id,
        Comment.name,
        Comment.url,
        Comment.html,
        # Looked up for each comment in its order, not joined: SQLite might begin at the posts.
        select(Publication.summary).where(under).correlate(Comment).scalar_subquery(),
        time_text(Comment.created_at).label("created"),
        time_text(Comment.edited_at).label("edited"),
    ).where(
        IS_APPROVED,
        select(Publication.id).where(under).correlate(Comment).exists(),
    )
    if of_post:
        query = query.where(Comment.post_id == bindparam("post", type_=String()))
    if after:
        place = bindparam("after_at", type_=UtcDateTime()), bindparam("after_id", type_=String())
        query = query.where(tuple_(*NEWEST) < tuple_(*place))
    order = [key.desc() for key in NEWEST]
    return query.order_by(*order).limit(bindparam("limit", type_=Integer()))


@cache
def _counts(size: int) -> Select[Any]:
    named = among(Publication.slug, "post", size)
    public = and_(Publication.kind == Kind.POST, Publication.locale == LOCALE, named, is_public())
    return (
        select(Publication.slug, func.coalesce(Thread.approved, 0))
        .outerjoin(Thread, Thread.post_id == Publication.entry_id)
        .where(public)
    )


@cache
def _post() -> Select[Any]:
    post_id = bindparam("post", type_=String())
    return select(Publication.summary).where(_shown(every_locale=False, post_id=post_id))


def _shown(*, every_locale: bool, post_id: Any) -> ColumnElement[bool]:
    """Whether a row is the public one of a post; it is found by that post's id alone."""
    # Asked for its kind and locale as well, SQLite would look through every post for each comment.
    shown = and_(Publication.entry_id == post_id, is_public())
    return shown if every_locale else and_(shown, unindexed(Publication.locale) == LOCALE)
