"""Tags, categories and authors as the public sees them, each with its number of public posts."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import orjson
from sqlalchemy import Integer, Select, String, bindparam, func, literal, or_, select
from sqlalchemy.orm import aliased

from cms.errors import Moved, NotFound
from cms.models import Author, Category, FormerSlug, Kind, Media, Tag
from cms.reading import Row
from cms.services import cursors, media_addresses, published
from cms.services.cursors import Page
from cms.services.delivery import totals
from cms.services.delivery.moment import Moment

Term = dict[str, Any]


def _tag(_moment: Moment, row: Row) -> Term:
    return dict(zip(("id", "slug", "name", "description"), row, strict=True))


def _category(moment: Moment, row: Row) -> Term:
    *own, parent_slug, parent_name = row
    parent = {"slug": parent_slug, "name": parent_name} if parent_slug else None
    return _tag(moment, tuple(own)) | {"parent": parent, "ancestors": []}


def _author(moment: Moment, row: Row) -> Term:
    *own, credentials, bio, links, photo = row
    found = orjson.loads(links) if isinstance(links, str) else links
    shown = media_addresses.picture(moment.config, orjson.loads(photo)) if photo else None
    about = {"credentials": credentials, "bio": bio, "links": found, "photo": shown}
    return _tag(moment, tuple(own)) | about


def _columns(model: Any) -> tuple[Any, ...]:
    return (model.id, model.slug, model.name, model.description)


PARENT = aliased(Category)
PHOTO = media_addresses.named(
    select().select_from(Media).where(Media.id == Author.photo_media_id).correlate(Author)
)
READS: dict[str, tuple[Any, Select[Any], Callable[[Moment, Row], Term]]] = {
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
        select(*_columns(Author), Author.credentials, Author.bio, Author.links, PHOTO),
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


# Who had a slug that nobody has now.
FORMER = {
    kind: select(model.id, model.slug)
    .join(FormerSlug, FormerSlug.term_id == model.id)
    .where(FormerSlug.kind == kind, FormerSlug.slug == bindparam("slug", type_=String()))
    for kind, (model, _, _) in READS.items()
}


@lru_cache(maxsize=8)
def ancestors(size: int) -> Select[Any]:
    """`(category, slug, name)` of all that each of some categories is in, from the top."""
    start = select(Category.id.label("inside"), Category.parent_id, literal(1).label("height"))
    up = start.where(published.among(Category.id, "category", size)).cte("up", recursive=True)
    above = select(up.c.inside, Category.parent_id, up.c.height + 1)
    up = up.union_all(above.join(up, Category.id == up.c.parent_id))
    found = select(up.c.inside, Category.slug, Category.name)
    return found.join(Category, Category.id == up.c.parent_id).order_by(up.c.height.desc())


def get(moment: Moment, kind: str, slug: str) -> Term:
    """Raises Moved for a slug that one had, NotFound."""
    row = moment.row(ONE[kind], slug=slug)
    if row is not None:
        return _counted(moment, kind, [row])[0]
    former = moment.row(FORMER[kind], slug=slug)
    if former is not None:
        raise Moved(slug, former[1])
    raise NotFound(f"There is no such {kind}.", reason="not_found")


def path(moment: Moment, slug: str) -> list[str]:
    """The names of all that a category is in, from the top, and its own."""
    row = moment.row(ONE["category"], slug=slug)
    if row is None:
        return []
    inside = published.padded("category", [row[0]])
    above = moment.rows(ancestors(published.round_size(1)), **inside)
    return [*(name for _, _, name in above), row[2]]


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
    """The terms that posts are found by; a slug that nothing has, or had, finds nothing."""
    wanted = list(dict.fromkeys(slugs))
    statement = _ids(kind, published.round_size(len(wanted)))
    rows = moment.rows(statement, **published.padded("slug", wanted))
    return [f"{kind}:{row[0]}" for row in rows]


@cache
def _ids(kind: str, size: int) -> Select[Any]:
    """Who has any of these slugs, or had it where nobody has it now."""
    model = READS[kind][0]
    has = select(model.id).where(published.among(model.slug, "slug", size))
    taken = select(model.slug).where(model.slug == FormerSlug.slug).exists()
    had = select(FormerSlug.term_id).where(
        FormerSlug.kind == kind, published.among(FormerSlug.slug, "slug", size), ~taken
    )
    # In one order, whatever the plan: a cursor is good for a list of terms.
    return select(model.id).where(or_(model.id.in_(has), model.id.in_(had))).order_by(model.id)


def _counted(moment: Moment, kind: str, rows: list[Row]) -> list[Term]:
    if not rows:
        return []
    counts = totals.counts(moment, Kind.POST, [f"{kind}:{row[0]}" for row in rows])
    shown = [READS[kind][2](moment, row) for row in rows]
    if kind == "category":
        _add_ancestors(moment, shown)
    return [
        {name: value for name, value in term.items() if name != "id"}
        | {"post_count": counts[f"{kind}:{term['id']}"]}
        for term in shown
    ]


def _add_ancestors(moment: Moment, categories: list[Term]) -> None:
    known = {one["id"]: one for one in categories}
    statement = ancestors(published.round_size(len(known)))
    for inside, slug, name in moment.rows(statement, **published.padded("category", list(known))):
        known[inside]["ancestors"].append({"slug": slug, "name": name})
