"""Tags, categories and authors as the public sees them, each with its number of public posts."""

from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Integer, Select, String, bindparam, func, select
from sqlalchemy.orm import aliased

from cms.errors import NotFound
from cms.models import Author, Category, Kind, Tag
from cms.reading import Row
from cms.services import cursors, published
from cms.services.cursors import Page
from cms.services.delivery import lists
from cms.services.delivery.moment import Moment

Term = dict[str, Any]


def _tag(row: Row) -> Term:
    return dict(zip(("id", "slug", "name", "description"), row, strict=True))


def _category(row: Row) -> Term:
    *own, parent_slug, parent_name = row
    parent = {"slug": parent_slug, "name": parent_name} if parent_slug else None
    return _tag(tuple(own)) | {"parent": parent}


def _author(row: Row) -> Term:
    *own, credentials, bio, links = row
    found = orjson.loads(links) if isinstance(links, str) else links
    return _tag(tuple(own)) | {"credentials": credentials, "bio": bio, "links": found}


def _columns(model: Any) -> tuple[Any, ...]:
    return (model.id, model.slug, model.name, model.description)


PARENT = aliased(Category)
READS: dict[str, tuple[Any, Select[Any], Callable[[Row], Term]]] = {
    "tag": (Tag, select(*_columns(Tag)), _tag),
    "category": (
        Category,
        select(*_columns(Category), PARENT.slug, PARENT.name).outerjoin(
            PARENT, PARENT.id == Category.parent_id
        ),
        _category,
    ),
    "author": (
        Author,
        select(*_columns(Author), Author.credentials, Author.bio, Author.links),
        _author,
    ),
}
ONE = {
    kind: query.where(model.slug == bindparam("slug", type_=String()))
    for kind, (model, query, _) in READS.items()
}
# By slug, which is unique and reads like the name.
PAGE = {
    kind: query.where(model.slug > bindparam("after", type_=String()))
    .order_by(model.slug)
    .limit(bindparam("limit", type_=Integer()))
    for kind, (model, query, _) in READS.items()
}
COUNT = {kind: select(func.count()).select_from(model) for kind, (model, _, _) in READS.items()}


def get(moment: Moment, kind: str, slug: str) -> Term:
    """Raises NotFound."""
    row = moment.row(ONE[kind], slug=slug)
    if row is None:
        raise NotFound(f"There is no such {kind}.", reason="not_found")
    return _counted(moment, kind, [row])[0]


def find(moment: Moment, kind: str, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of tags, categories or authors, by slug. Raises Malformed for a bad cursor."""
    scope = cursors.scope(kind, {"locale": moment.locale})
    after = cursors.decode(scope, cursor)[0] if cursor else ""
    rows = moment.rows(PAGE[kind], after=after, limit=limit + 1)
    page = rows[:limit]
    return Page(
        _counted(moment, kind, page),
        cursors.encode(scope, [page[-1][1]]) if len(rows) > limit else None,
        moment.row(COUNT[kind])[0] if total else None,
    )


def terms_of(moment: Moment, kind: str, slugs: list[str]) -> list[str]:
    """The terms that posts are found by; a slug that nothing has finds nothing."""
    wanted = list(dict.fromkeys(slugs))
    statement = _ids(kind, published.round_size(len(wanted)))
    rows = moment.rows(statement, **published.padded("slug", wanted))
    return [f"{kind}:{row[0]}" for row in rows]


@cache
def _ids(kind: str, size: int) -> Select[Any]:
    model = READS[kind][0]
    # In one order, whatever the plan: a cursor is good for a list of terms.
    return select(model.id).where(published.among(model.slug, "slug", size)).order_by(model.id)


def _counted(moment: Moment, kind: str, rows: list[Row]) -> list[Term]:
    if not rows:
        return []
    counts = lists.counts(moment, Kind.POST, [f"{kind}:{row[0]}" for row in rows])
    shown = [READS[kind][2](row) for row in rows]
    return [
        {name: value for name, value in term.items() if name != "id"}
        | {"post_count": counts[f"{kind}:{term['id']}"]}
        for term in shown
    ]
