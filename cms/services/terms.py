"""What live and waiting publications are found by, and how many each term has.

Totals are counters, kept with the rows: counting a million rows for a number would cost more than
the list that shows it.
"""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from cms.extensions import db
from cms.models import Category, Publication, PublicationCount, PublicationTerm

# The term of every row of a kind.
ALL = ""


def enter(publication: Publication) -> None:
    """Make a new live or waiting row findable."""
    row = {
        "publication_id": publication.id,
        "kind": publication.kind,
        "locale": publication.locale,
        "published_at": publication.published_at,
        "entry_id": publication.entry_id,
    }
    terms = _terms(orjson.loads(publication.links))
    if terms:
        db.session.execute(insert(PublicationTerm), [row | {"term": term} for term in terms])
    _count(publication, [ALL, *terms], 1)


def leave(publication: Publication) -> None:
    """Forget a row that is past."""
    mine = PublicationTerm.publication_id == publication.id
    terms = db.session.scalars(select(PublicationTerm.term).where(mine)).all()
    db.session.execute(delete(PublicationTerm).where(mine))
    _count(publication, [ALL, *terms], -1)


def used(term: str) -> bool:
    """Whether a live or waiting row is found by this term."""
    query = select(PublicationTerm.term).where(PublicationTerm.term == term).limit(1)
    return db.session.scalar(query) is not None


def lineage(category_id: str | None) -> list[str]:
    """A category and all that it is in, from the inside out."""
    found: list[str] = []
    while category_id is not None and category_id not in found:
        found.append(category_id)
        parent = select(Category.parent_id).where(Category.id == category_id)
        category_id = db.session.scalar(parent)
    return found


def _terms(links: dict[str, Any]) -> list[str]:
    groups = {
        "tag": links.get("tags", []),
        "author": links.get("authors", []),
        "category": lineage(links.get("category")),
        "faq": links.get("faqs", []),
    }
    return sorted(f"{group}:{one}" for group, ids in groups.items() for one in ids)


def _count(publication: Publication, terms: Iterable[str], step: int) -> None:
    # Sorted, so that two publishers never wait for each other's counters.
    for term in sorted(terms):
        _add(publication, term, step)


def _add(publication: Publication, term: str, step: int) -> None:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    row = dialect.insert(PublicationCount).values(
        kind=publication.kind, locale=publication.locale, term=term, total=step
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["kind", "locale", "term"],
            set_={"total": PublicationCount.total + step},
        )
    )
