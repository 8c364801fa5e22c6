"""Let one tag, category or author stand for another: what used that uses this from now on.

No text, version or time of anything that uses them changes: entries and publications hold ids, and
those are replaced, a table at a time.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from cms.actor import Actor
from cms.errors import Invalid
from cms.extensions import db
from cms.models import (
    Author,
    Category,
    EntryTag,
    PostAuthor,
    Publication,
    PublicationLink,
    Review,
    Tag,
)
from cms.models.publication import SHOWN
from cms.permissions import Action, require
from cms.services import audit, clock, former, generation, locks, outbox, taxonomy, terms, tree
from cms.services.former import KINDS
from cms.services.sql import names_in_order

T = TypeVar("T", Tag, Category, Author)

Column = InstrumentedAttribute[Any]
# What the session holds is not looked at.
UNSEEN = {"synchronize_session": False}

# Uses that stand in ordered lists without doubles, and what each list is of.
LISTS: dict[Column, list[Column]] = {
    EntryTag.tag_id: [EntryTag.entry_id],
    PostAuthor.author_id: [PostAuthor.post_id],
    PublicationLink.target_id: [PublicationLink.publication_id, PublicationLink.kind],
}


def merge(actor: Actor, model: type[T], term_id: str, version: int | None, into_id: str) -> T:
    """Put one term in the place of another, which is removed; answer the one that stays.

    The slug of the other leads to it. Raises Forbidden, NotFound, StaleVersion, Invalid
    (`self_link`, `unknown_id`, `category_cycle`, `category_too_deep`).
    """
    require(actor, Action.TAXONOMY_EDIT)
    locks.own_filing()
    old = taxonomy.lock(model, term_id, version)
    into = _target(model, old, into_id)
    REFILE[model](old, into)
    _rename(old.id, into.id)
    for use in [PublicationLink.target_id, *taxonomy.USES[model]]:
        _replace(use, old.id, into.id)
    _name_once(into.id)
    former.become(old, into)
    db.session.delete(old)
    db.session.flush()
    _record(actor, old, into)
    return into


def _target(model: type[T], old: T, into_id: str) -> T:
    if into_id == old.id:
        raise Invalid("/into", f"A {KINDS[model]} can not become itself.", reason="self_link")
    into = db.session.get(model, into_id, with_for_update=True, populate_existing=True)
    if into is None:
        raise Invalid("/into", "There is no such id.", reason="unknown_id")
    return into


def _refile(old: Tag | Author, into: Tag | Author) -> None:
    kind = KINDS[type(old)]
    terms.exchange(f"{kind}:{old.id}", [f"{kind}:{old.id}"], [f"{kind}:{into.id}"])


def _refile_author(old: Author, into: Author) -> None:
    reviewed = select(Review.entry_id).where(Review.reviewed_by == old.id)
    generation.touch(*(f"post:{one}" for one in db.session.scalars(reviewed)))
    _refile(old, into)


def _refile_category(old: Category, into: Category) -> None:
    """What is in the old category, or below it, is found by all that the other is in."""
    after = tree.lineage(into.id)
    if old.id in after:
        detail = "A category can not become one that is below it."
        raise Invalid("/into", detail, reason="category_cycle")
    tree.check_depth(len(after) + tree.levels_below(old.id), "/into")
    below = select(Category.id).where(Category.parent_id == old.id)
    generation.touch(*(f"category:{one}" for one in db.session.scalars(below)))
    terms.move_category(old.id, tree.lineage(old.id), after)


REFILE: dict[type[Any], Callable[[Any, Any], None]] = {
    Tag: _refile,
    Category: _refile_category,
    Author: _refile_author,
}


def _replace(use: Column, old_id: str, new_id: str) -> None:
    """Put one id in the place of another; in a list that holds both, the first place stays."""
    column = use.property.columns[0]
    if use in LISTS:
        owners = [owner.property.columns[0] for owner in LISTS[use]]
        _thin_out(column, owners, [old_id, new_id])
    new = update(column.table).where(column == old_id).values({column: new_id})
    db.session.execute(new)


def _thin_out(column: Any, owners: list[Any], ids: list[str]) -> None:
    table = column.table
    first = table.alias()
    same = [first.c[owner.name] == owner for owner in owners]
    earlier = first.c.position < table.c.position
    doubled = exists().where(*same, first.c[column.name].in_(ids), earlier)
    db.session.execute(delete(table).where(column.in_(ids), doubled))


def _rename(old_id: str, new_id: str) -> None:
    """Let publications name the one in the place of the other, before their links do."""
    row, link = Publication, PublicationLink
    theirs = row.id.in_(select(link.publication_id).where(link.target_id == old_id))
    again = update(row).where(theirs).values(names=func.replace(row.names, old_id, new_id))
    db.session.execute(again, execution_options=UNSEEN)


def _name_once(term_id: str) -> None:
    """Let publications that named both name one, as their links do by now."""
    row, link, other = Publication, PublicationLink, aliased(PublicationLink)
    names = select(names_in_order(link.kind, link.target_id, link.position)).where(
        link.publication_id == row.id, link.kind.in_(SHOWN)
    )
    theirs = row.id.in_(select(other.publication_id).where(other.target_id == term_id))
    twice = update(row).where(theirs, row.names.like(f"%{term_id}%{term_id}%"))
    again = twice.values(names=names.scalar_subquery())
    db.session.execute(again, execution_options=UNSEEN)


def _record(actor: Actor, old: Any, into: Any) -> None:
    kind, now = KINDS[type(old)], clock.now()
    generation.touch(f"{kind}:{old.id}", f"{kind}:{into.id}", f"list:{kind}")
    audit.record(actor, f"{kind}.merged", old.id, now, [into.id])
    outbox.record(f"{kind}.merged", now, id=old.id, into=into.id)
