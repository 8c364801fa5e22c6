"""Where the former slug of a tag, category or author leads, and the id of one that was merged."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import aliased

from cms.extensions import db
from cms.models import Author, Category, FormerSlug, MergedTerm, Tag
from cms.services.sql import insert_into

KINDS: dict[type[Any], str] = {Tag: "tag", Category: "category", Author: "author"}


def keep_slug(model: type[Any], slug: str, term_id: str) -> None:
    """Let a slug that a term gives up lead to it; the last that gave it up counts."""
    new = insert_into(FormerSlug).values(kind=KINDS[model], slug=slug, term_id=term_id)
    db.session.execute(
        new.on_conflict_do_update(
            index_elements=["kind", "slug"], set_={"term_id": new.excluded.term_id}
        )
    )


def become(old: Tag | Category | Author, into: Tag | Category | Author) -> None:
    """Let every slug and id that led to `old`, its own among them, lead to `into`."""
    kind = KINDS[type(old)]
    slugs = update(FormerSlug).where(FormerSlug.kind == kind, FormerSlug.term_id == old.id)
    db.session.execute(slugs.values(term_id=into.id))
    ids = update(MergedTerm).where(MergedTerm.into_id == old.id)
    db.session.execute(ids.values(into_id=into.id))
    keep_slug(type(old), old.slug, into.id)
    db.session.add(MergedTerm(id=old.id, kind=kind, into_id=into.id))


def forget(term: Tag | Category | Author) -> None:
    """Lead nobody to a term that is removed."""
    db.session.execute(delete(FormerSlug).where(FormerSlug.term_id == term.id))
    db.session.execute(delete(MergedTerm).where(MergedTerm.into_id == term.id))


def has_slug(model: type[Any], slugs: Sequence[str]) -> ColumnElement[bool]:
    """Whether a term has one of these slugs, or had it, and nobody else has it now."""
    present = aliased(model)
    taken = exists().where(present.slug == FormerSlug.slug)
    former = select(FormerSlug.term_id).where(
        FormerSlug.kind == KINDS[model], FormerSlug.slug.in_(slugs), ~taken
    )
    return or_(model.slug.in_(slugs), model.id.in_(former))


def id_of(model: type[Any], slug: str) -> str | None:
    """The id of the term that a slug leads to."""
    return db.session.scalar(select(model.id).where(has_slug(model, [slug])))


def present_ids(model: type[Any], ids: Sequence[str]) -> list[str]:
    """The ids, with those of merged terms replaced by what they became, none of these twice."""
    if not ids:
        return []
    merged = and_(MergedTerm.kind == KINDS[model], MergedTerm.id.in_(ids))
    rows = db.session.execute(select(MergedTerm.id, MergedTerm.into_id).where(merged))
    became: dict[str, str] = {row.id: row.into_id for row in rows}
    found: list[str] = []
    for one in ids:
        present = became.get(one, one)
        if one not in became or present not in [*found, *ids]:
            found.append(present)
    return found


def present_id(model: type[Any], one: str | None) -> str | None:
    """The same for one id, or none."""
    return present_ids(model, [one])[0] if one else None
