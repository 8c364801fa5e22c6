"""What `/sync` tells of each thing: as delivery shows it, but for what it names.

A document names tags, categories, authors and FAQs by id, and these are documents of their own: so
a renamed tag is one change, however many posts have it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from orjson import Fragment
from sqlalchemy import Integer, Select, String, bindparam, literal, select

from cms.models import Author, Category, Kind, Publication, Tag, Thread
from cms.reading import Row
from cms.services import media_addresses, published
from cms.services.delivery.columns import SYNC
from cms.services.delivery.moment import Moment
from cms.services.delivery.taxonomy import PHOTO
from cms.services.published import NOW, among, is_public
from cms.services.sql_plans import unindexed

Document = dict[str, Any]

POST_FIELDS = ["id", "slug", "locale", "url", "title", "excerpt", "body", "word_count"]
POST_FIELDS += ["reading_minutes", "hero", "category_id", "tag_ids", "author_ids", "review"]
POST_FIELDS += ["sources", "published_at", "updated_at", "seo", "faq_ids", "comments"]
POST_FIELDS += ["translations"]
FAQ_FIELDS = ["id", "slug", "locale", "question", "answer", "tag_ids", "position"]
FAQ_FIELDS += ["published_at", "updated_at", "translations"]


def post(moment: Moment, row: Row) -> Document:
    frozen, details, body, category, tags, authors, faqs, *joined = row
    hero, approved, is_open, translations, review = joined
    known = orjson.loads(frozen)
    known |= {"url": moment.url(known), "body": Fragment(body)}
    known |= orjson.loads(details)
    known |= {"category_id": category, "tag_ids": Fragment(tags), "author_ids": Fragment(authors)}
    known |= {"faq_ids": Fragment(faqs), "translations": Fragment(translations)}
    known["hero"] = media_addresses.picture(moment.config, orjson.loads(hero)) if hero else None
    known["review"] = _review(review) if review else None
    known["comments"] = {"open": bool(is_open), "count": approved or 0}
    return {name: known[name] for name in POST_FIELDS}


def faq(_moment: Moment, row: Row) -> Document:
    frozen, answer, tags, translations = row
    known = orjson.loads(frozen)
    known |= {"answer": Fragment(answer), "tag_ids": Fragment(tags)}
    known["translations"] = Fragment(translations)
    return {name: known[name] for name in FAQ_FIELDS}


def _review(text: str) -> Document:
    review = orjson.loads(text)
    return review | {"is_of_this_text": bool(review["is_of_this_text"])}


def _named(_moment: Moment, row: Row) -> Document:
    return dict(zip(("id", "slug", "name", "description"), row, strict=True))


def _category(moment: Moment, row: Row) -> Document:
    *own, parent_id = row
    return _named(moment, tuple(own)) | {"parent_id": parent_id}


def _author(moment: Moment, row: Row) -> Document:
    *own, credentials, bio, links, photo = row
    shown = media_addresses.picture(moment.config, orjson.loads(photo)) if photo else None
    found = orjson.loads(links) if isinstance(links, str) else links
    about = {"credentials": credentials, "bio": bio, "links": found, "photo": shown}
    return _named(moment, tuple(own)) | about


def _columns(model: Any) -> tuple[Any, ...]:
    return (model.id, model.slug, model.name, model.description)


TERMS: dict[str, tuple[Any, Select[Any], Callable[[Moment, Row], Document]]] = {
    "author": (
        Author,
        select(*_columns(Author), Author.credentials, Author.bio, Author.links, PHOTO),
        _author,
    ),
    "category": (Category, select(*_columns(Category), Category.parent_id), _category),
    "tag": (Tag, select(*_columns(Tag)), _named),
}
ENTRIES: dict[str, Callable[[Moment, Row], Document]] = {Kind.FAQ: faq, Kind.POST: post}
# What is named comes before what names it.
KINDS = [*TERMS, *ENTRIES]


def terms_after(moment: Moment, kind: str, last: str, limit: int) -> list[Document]:
    """Tags, categories or authors by id, after the last that was seen."""
    rows = moment.rows(_terms_after(kind), last=last, limit=limit)
    return [TERMS[kind][2](moment, row) for row in rows]


def found(moment: Moment, kind: str, ids: list[str]) -> dict[str, Document]:
    """The documents of those of some ids that are public, by id."""
    size = published.round_size(len(ids))
    wanted = published.padded("id", ids)
    if kind in TERMS:
        rows = moment.rows(_terms(kind, size), **wanted)
        return {row[0]: TERMS[kind][2](moment, row) for row in rows}
    rows = moment.rows(
        _entries(Kind(kind), size, published.round_size(len(moment.locales))),
        **wanted,
        **published.padded("locale", moment.locales),
    )
    return {row[0]: ENTRIES[kind](moment, row[1:]) for row in rows}


def last_slugs(moment: Moment, ids: list[str]) -> dict[str, str]:
    """The last public slugs of those of some ids that were ever public here."""
    sizes = published.round_size(len(ids)), published.round_size(len(moment.locales))
    wanted = published.padded("id", ids) | published.padded("locale", moment.locales)
    return dict(tuple(row) for row in moment.rows(_once_public(*sizes), **wanted))


@cache
def _terms_after(kind: str) -> Select[Any]:
    model, query, _ = TERMS[kind]
    query = query.where(model.id > bindparam("last", type_=String())).order_by(model.id)
    return query.limit(bindparam("limit", type_=Integer()))


@cache
def _terms(kind: str, size: int) -> Select[Any]:
    model, query, _ = TERMS[kind]
    return query.where(among(model.id, "id", size))


@cache
def _entries(kind: Kind, size: int, locales: int) -> Select[Any]:
    """`(id, …)` of entries by id; the rest as `columns.SYNC` has it."""
    row = Publication
    query = select(row.entry_id, *SYNC[kind]).outerjoin(Thread, Thread.post_id == row.entry_id)
    # By their ids alone: SQLite would walk through a whole locale for them.
    here = among(row.entry_id, "id", size), among(unindexed(row.locale), "locale", locales)
    is_one = unindexed(row.kind) == literal(kind.value, String())
    return query.where(is_one, *here, is_public())


@cache
def _once_public(size: int, locales: int) -> Select[Any]:
    row = Publication
    here = among(row.entry_id, "id", size), among(row.locale, "locale", locales)
    query = select(row.entry_id, row.slug).where(*here, row.visible_from <= NOW)
    return query.order_by(row.visible_from)
