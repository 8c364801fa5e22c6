"""What live and waiting publications are found by, and how many each term has.

Totals are counters, kept with the rows: counting a million rows for a number would cost more than
the list that shows it.
"""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from cms.extensions import db
from cms.models import (
    Category,
    Entry,
    LinkKind,
    Publication,
    PublicationCount,
    PublicationTerm,
)
from cms.models.publication import EVERY_ROW
from cms.services import generation
from cms.services.published import not_past
from cms.services.sql import insert_into

# The links that a row is found by; a category finds what is below it as well.
FINDS = {LinkKind.TAG, LinkKind.AUTHOR, LinkKind.FAQ}


def enter(publication: Publication) -> list[str]:
    """Make a new live or waiting row findable; answer its terms."""
    row = {
        "publication_id": publication.id,
        "kind": publication.kind,
        "locale": publication.locale,
        "published_at": publication.published_at,
        "entry_id": publication.entry_id,
    }
    terms = _terms(publication)
    if terms:
        db.session.execute(insert(PublicationTerm), [row | {"term": term} for term in terms])
    _count(publication, [EVERY_ROW, *terms], 1)
    return terms


def leave(publication: Publication) -> list[str]:
    """Forget a row that is past; answer the terms that it had."""
    mine = PublicationTerm.publication_id == publication.id
    terms = list(db.session.scalars(select(PublicationTerm.term).where(mine)))
    db.session.execute(delete(PublicationTerm).where(mine))
    _count(publication, [EVERY_ROW, *terms], -1)
    return terms


def refile(category_id: str) -> None:
    """Find again every row that is in a category which has moved to another parent.

    The caller holds the category; nothing that is in it is published meanwhile.
    """
    filed = select(PublicationTerm.publication_id).where(
        PublicationTerm.term == f"category:{category_id}"
    )
    rows = select(Publication).where(Publication.id.in_(filed)).order_by(Publication.id)
    for publication in db.session.scalars(rows):
        before = leave(publication)
        after = enter(publication)
        generation.touch(*(term for term in before + after if term.startswith("category:")))


def used(term: str) -> bool:
    """Whether a live or waiting row is found by this term."""
    query = select(PublicationTerm.term).where(PublicationTerm.term == term).limit(1)
    return db.session.scalar(query) is not None


def lineage(category_id: str | None) -> list[str]:
    """A category and all that it is in, from the inside out: none moves before the commit."""
    found: list[str] = []
    while category_id is not None and category_id not in found:
        found.append(category_id)
        parent = select(Category.parent_id).where(Category.id == category_id)
        category_id = db.session.scalar(parent.with_for_update(read=True, key_share=True))
    return found


def hold_lineage(entry: Entry) -> None:
    """Keep the categories that an entry is or will be found by from moving before the commit.

    Ask before changing any row: a move waits for its category first, and for rows after.
    """
    filed = select(PublicationTerm.term).where(
        PublicationTerm.entry_id == entry.id,
        PublicationTerm.publication_id.in_(
            select(Publication.id).where(Publication.entry_id == entry.id, not_past())
        ),
        PublicationTerm.term.startswith("category:"),
    )
    ids = {term.removeprefix("category:") for term in db.session.scalars(filed)}
    for category_id in sorted(ids | {getattr(entry, "category_id", None) or ""} - {""}):
        lineage(category_id)


def _terms(publication: Publication) -> list[str]:
    found = set()
    for link in publication.links:
        if link.kind is LinkKind.CATEGORY:
            found.update(f"category:{one}" for one in lineage(link.target_id))
        elif link.kind in FINDS:
            found.add(f"{link.kind}:{link.target_id}")
    return sorted(found)


def _count(publication: Publication, terms: Iterable[str], step: int) -> None:
    # Sorted, so that two publishers never wait for each other's counters.
    for term in sorted(terms):
        _add(publication, term, step)


def _add(publication: Publication, term: str, step: int) -> None:
    row = insert_into(PublicationCount).values(
        kind=publication.kind, locale=publication.locale, term=term, total=step
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["kind", "locale", "term"],
            set_={"total": PublicationCount.total + step},
        )
    )
