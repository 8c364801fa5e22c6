"""Lists of working copies, and what editors can search them by."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from cms.actor import Actor
from cms.models import (
    Author,
    Category,
    Entry,
    EntryTag,
    Faq,
    Kind,
    Post,
    PostAuthor,
    Status,
    Tag,
)
from cms.permissions import Action, require
from cms.services import (
    body_links,
    clock,
    entry_links,
    entry_words,
    folding,
    former,
    keyset,
    reviews,
    seldom,
    translations,
)
from cms.services.cursors import Page, scope

Condition = ColumnElement[bool]
SORTS = {
    "updated_at": Entry.updated_at,
    "created_at": Entry.created_at,
    "title": Entry.title_key,
    "question": Entry.title_key,
    "position": Faq.position,
}


def find(
    actor: Actor,
    model: type[Entry],
    *,
    sort: str,
    limit: int,
    cursor: str | None,
    total: bool,
    **filters: Any,
) -> Page:
    """A page of working copies of any status. Raises Malformed for a bad cursor."""
    require(actor, Action.CONTENT_READ)
    query = select(Entry.id).select_from(model).where(_where(model, filters))
    if Status.TRASHED not in filters.get("status", []):
        query = query.where(Entry.trashed_at.is_(None))
    for name, value in filters.items():
        query = query.where(FILTERS[name](model, value))
    column = SORTS[sort.lstrip("-")]
    return keyset.page(
        query,
        (column, Entry.id),
        belongs_to=scope(f"manage-{model.__tablename__}", filters | {"sort": sort}),
        descending=sort.startswith("-"),
        limit=limit,
        cursor=cursor,
        total=total,
        whole=select(model).options(*entry_links.loaded(model)),
    )


def _where(model: type[Entry], filters: dict[str, Any]) -> Condition:
    """Where entries are looked for: among a few that were found beforehand, or in the index that
    has the order of the list. Of which kind they are is said only where an index is to be walked.
    """
    for name in filter(filters.__contains__, SELDOM):
        for way in SELDOM[name](_kind(model), filters[name]):
            few = seldom.ids(way)
            if few is not None:
                return Entry.id.in_(few)
    return Entry.kind == _kind(model)


def _kind(model: type[Entry]) -> Kind:
    return Kind(model.__mapper__.polymorphic_identity)


def _status(model: type[Entry], values: list[str]) -> Condition:
    now = clock.now()
    return or_(*(model.status_is(Status(one), now) for one in values))


def _tag(model: type[Entry], slugs: list[str]) -> Condition:
    tagged = select(EntryTag.entry_id).join(Tag, Tag.id == EntryTag.tag_id)
    return model.id.in_(tagged.where(former.has_slug(Tag, slugs)))


def _author(_model: type[Entry], slugs: list[str]) -> Condition:
    written = select(PostAuthor.post_id).join(Author, Author.id == PostAuthor.author_id)
    return Post.id.in_(written.where(former.has_slug(Author, slugs)))


def _category(_model: type[Entry], slugs: list[str]) -> Condition:
    """In a category, or in one below it."""
    named = select(Category.id).where(former.has_slug(Category, slugs))
    inside = named.cte("inside", recursive=True)
    below = select(Category.id).join(inside, Category.parent_id == inside.c.id)
    return Post.category_id.in_(select(inside.union(below).c.id))


def _scheduled(model: type[Entry], between: tuple[datetime, datetime]) -> Condition:
    """Something of it begins or is planned to end in this time."""
    start, end = between
    times = (model.waiting_from, model.waiting_until, model.live_ends_at)
    return or_(*(and_(time >= start, time < end) for time in times))


def _changed(model: type[Entry], asked: bool) -> Condition:
    changed = model.has_unpublished_changes(clock.now())
    return changed if asked else ~changed


def _broken(asked: bool) -> Condition:
    broken = body_links.are_broken(clock.now())
    return broken if asked else ~broken


def _words(_model: type[Entry], text: str) -> Condition:
    """Each word begins one of the title or of the slug."""
    words = folding.words(text)
    return and_(*(entry_words.has(word) for word in words)) if words else false()


FILTERS: dict[str, Callable[[Any, Any], Condition]] = {
    "status": _status,
    "tag": _tag,
    "author": _author,
    "category": _category,
    "q": _words,
    "scheduled_between": _scheduled,
    "missing_translation": translations.missing_in,
    "has_unpublished_changes": _changed,
    "broken_links": lambda _model, value: _broken(value),
    "locale": lambda model, value: model.locale == value,
    "created_by": lambda model, value: model.created_by == value,
    "updated_after": lambda model, value: model.updated_at > value,
    "review_due_before": lambda _model, value: reviews.due_before(value),
}

# What finds a few beforehand: one way or several, each of which is enough.
SELDOM: dict[str, Callable[[Kind, Any], list[seldom.Way]]] = {
    "status": lambda kind, values: seldom.with_status(kind, values, clock.now()),
    "has_unpublished_changes": lambda kind, asked: [seldom.changed(kind)] if asked else [],
    "scheduled_between": lambda kind, between: [seldom.planned(kind, *between)],
    "created_by": lambda kind, user_id: [seldom.made_by(kind, user_id)],
    "q": lambda kind, text: [seldom.with_word(kind, one) for one in folding.words(text)],
}
