"""What editors do with tags, categories and authors. A change shows at the next public read."""

from typing import Any, TypeVar

from sqlalchemy import exists, or_, select
from sqlalchemy.exc import IntegrityError

from cms.actor import Actor
from cms.errors import Conflict, NotFound
from cms.extensions import db
from cms.models import Author, Category, EntryTag, Post, PostAuthor, Review, Tag
from cms.permissions import Action, require
from cms.services import (
    audit,
    clock,
    former,
    generation,
    keyset,
    locks,
    outbox,
    references,
    slugs,
    terms,
    tree,
    where_used,
)
from cms.services.cursors import Page, scope
from cms.services.former import KINDS

T = TypeVar("T", Tag, Category, Author)

# How often a slug made from a name is looked for anew when somebody else takes it meanwhile.
ATTEMPTS = 100
# What each kind is used by, besides what is public. A merge follows all of it.
USES: dict[type[Any], list[Any]] = {
    Tag: [EntryTag.tag_id],
    Category: [Post.category_id, Category.parent_id],
    Author: [PostAuthor.author_id, Review.reviewed_by],
}


def find(
    actor: Actor, model: type[T], *, limit: int, cursor: str | None, total: bool, q: str = ""
) -> Page:
    """A page by slug; `q`: every word is in the name or the slug. Raises Malformed."""
    require(actor, Action.CONTENT_READ)
    query = select(model)
    for word in q.split():
        named = model.name.icontains(word, autoescape=True)
        query = query.where(or_(named, model.slug.contains(word.lower(), autoescape=True)))
    return keyset.page(
        query,
        (model.slug, model.id),
        belongs_to=scope(model.__tablename__, {"q": q}),
        limit=limit,
        cursor=cursor,
        total=total,
    )


def read(actor: Actor, model: type[T], term_id: str) -> dict[str, Any]:
    """A term, how much uses it, and what a category is in, from the top. Raises NotFound."""
    require(actor, Action.CONTENT_READ)
    term = _load(model, term_id)
    shown = {column.key: getattr(term, column.key) for column in model.__table__.columns}
    if isinstance(term, Category):
        shown["ancestors"] = tree.path(term)
    return shown | {"used_by": where_used.counts(term)}


def create(actor: Actor, model: type[T], values: dict[str, Any]) -> T:
    """Make a slug from the name where none is asked for.

    Raises Conflict (`slug_taken`), Invalid (`unknown_id`, `category_too_deep`).
    """
    require(actor, Action.TAXONOMY_EDIT)
    locks.share_filing()
    values = _followed(values)
    term = model(**values)
    _check_links(term, values)
    term.created_at = term.updated_at = clock.now()
    if not term.slug:
        _add_with_free_slug(term)
    db.session.add(term)
    db.session.flush()
    _changed(actor, term, "created", values)
    return term


def edit(
    actor: Actor, model: type[T], term_id: str, version: int | None, changes: dict[str, Any]
) -> T:
    """Change a term. Asking for what is changes nothing.

    Raises StaleVersion, Conflict (`slug_taken`), Invalid (`category_cycle`, `category_too_deep`,
    `unknown_id`).
    """
    require(actor, Action.TAXONOMY_EDIT)
    if "parent_id" in changes:
        locks.own_filing()
    term = lock(model, term_id, version)
    asked = _followed(changes)
    wanted = {name: value for name, value in asked.items() if getattr(term, name) != value}
    if wanted:
        _check_links(term, wanted)
        _apply(actor, term, wanted)
    return term


def remove(actor: Actor, model: type[T], term_id: str, version: int | None) -> None:
    """Raises Conflict (`in_use`, with some of its users) while anything still uses it."""
    require(actor, Action.TAXONOMY_EDIT)
    locks.share_filing()
    term = lock(model, term_id, version)
    if is_used(term):
        users = {"used_in": where_used.users(term)}
        raise Conflict(f"This {KINDS[model]} is still used.", reason="in_use", extra=users)
    former.forget(term)
    _changed(actor, term, "removed", [])
    db.session.delete(term)


def is_used(term: Tag | Category | Author) -> bool:
    uses = [db.session.scalar(select(exists().where(use == term.id))) for use in USES[type(term)]]
    return any(uses) or terms.used(f"{KINDS[type(term)]}:{term.id}")


def _load(model: type[T], term_id: str) -> T:
    term = db.session.get(model, term_id)
    if term is None:
        raise NotFound(f"There is no such {KINDS[model]}.", reason="not_found")
    return term


def lock(model: type[T], term_id: str, version: int | None) -> T:
    """Load a term for a change. Raises NotFound, StaleVersion."""
    term = db.session.get(model, term_id, with_for_update=True, populate_existing=True)
    if term is None:
        raise NotFound(f"There is no such {KINDS[model]}.", reason="not_found")
    term.expect(version)
    return term


def _apply(actor: Actor, term: Any, changes: dict[str, Any]) -> None:
    if "slug" in changes:
        former.keep_slug(type(term), term.slug, term.id)
    above = tree.lineage(term.id) if "parent_id" in changes else []
    for name, value in changes.items():
        setattr(term, name, value)
    term.changed(clock.now())
    db.session.flush()
    if "parent_id" in changes:
        terms.move_category(term.id, above, tree.lineage(term.id))
    _changed(actor, term, "saved", changes)


def _add_with_free_slug(term: Any) -> None:
    """Add a term under `name`, `name-2`, `name-3`, …, whichever nobody has or takes meanwhile."""
    for attempt in range(1, ATTEMPTS + 1):
        term.slug = _free_slug(type(term), term.name)
        try:
            # A savepoint: a broken constraint would end the whole transaction.
            with db.session.begin_nested():
                db.session.add(term)
            return
        except IntegrityError as error:
            if "slug" not in str(error.orig) or attempt == ATTEMPTS:
                raise


def _free_slug(model: type[T], name: str) -> str:
    base = slugs.from_name(KINDS[model], name)
    alike = or_(model.slug == base, model.slug.like(f"{base}-%"))
    taken = set(db.session.scalars(select(model.slug).where(alike)))
    return next(slug for slug in slugs.numbered(base) if slug not in taken)


def _followed(values: dict[str, Any]) -> dict[str, Any]:
    """The values, with what a parent that was merged became."""
    if "parent_id" not in values:
        return values
    return values | {"parent_id": former.present_id(Category, values["parent_id"])}


def _check_links(term: Any, changes: dict[str, Any]) -> None:
    references.check_image(changes.get("photo_media_id"), "/photo_media_id")
    _check_parent(term, changes)


def _check_parent(term: Any, changes: dict[str, Any]) -> None:
    parent_id = changes.get("parent_id")
    if parent_id is None:
        return
    references.check_one(Category, parent_id, "/parent_id")
    tree.check_place(term.id, parent_id, "/parent_id")


def _changed(actor: Actor, term: Any, verb: str, fields: Any) -> None:
    kind, now = KINDS[type(term)], clock.now()
    generation.touch(f"{kind}:{term.id}", f"list:{kind}")
    audit.record(actor, f"{kind}.{verb}", term.id, now, fields)
    outbox.record(f"{kind}.{verb}", now, id=term.id)
