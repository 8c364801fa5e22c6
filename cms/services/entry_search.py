"""Lists of working copies, and what editors can search them by."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from cms.actor import Actor
from cms.extensions import db
from cms.models import Author, Category, Entry, EntryTag, Faq, Post, PostAuthor, Status, Tag
from cms.permissions import Action, require
from cms.services import body_links, clock, entry_links, former, keyset, reviews, translations
from cms.services.cursors import Page, scope
from cms.services.folding import fold

Condition = ColumnElement[bool]
# Entries that are looked at one by one.
FEW = 500
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
    query = select(Entry.id).select_from(model)
    if "q" not in filters:
        query = query.where(_is_of(model))
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


def _is_of(model: type[Entry]) -> Condition:
    """What the join with the model's own table says too; but indexes begin with it."""
    return Entry.kind == model.__mapper__.polymorphic_identity


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


def _words(model: type[Entry], text: str) -> Condition:
    """Every word is in the title or in the slug.

    Where few entries have them, they are found beforehand, in one walk through an index: in any
    order of the list, nearly all others would be looked at. Where many have them, a page is full
    soon. It says of which kind they are only where an index is to be walked.
    """
    conditions = [
        Entry.title_key.contains(fold(word), autoescape=True)
        | Entry.slug.contains(word.lower(), autoescape=True)
        for word in text.split()
    ]
    found = select(Entry.id).where(_is_of(model), *conditions).limit(FEW + 1)
    few = db.session.scalars(found).all()
    return Entry.id.in_(few) if len(few) <= FEW else and_(_is_of(model), *conditions)


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
