"""What live and waiting publications are found by, and how many each term has.

Totals are counters, kept with the rows: counting a million rows for a number would cost more than
the list that shows it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import delete, exists, func, insert, literal, select, update
from sqlalchemy.orm import aliased

from cms import writing
from cms.extensions import db
from cms.models import LinkKind, Publication, PublicationCount, PublicationTerm
from cms.models.publication import EVERY_ROW
from cms.services import generation, search_filing, tree
from cms.services.sql import insert_into

# The links that a row is found by; a category finds what is below it as well.
FINDS = {kind: kind.value for kind in (LinkKind.TAG, LinkKind.AUTHOR, LinkKind.FAQ)}
# A file by whatever it is shown as; no list is asked for by it, but a file that is shown stays.
FINDS |= {LinkKind.HERO: "media", LinkKind.MEDIA: "media"}
FOUND = insert(PublicationTerm.__table__)
# What each term has as its row does.
OF_ROWS = ("kind", "locale", "published_at", "entry_id", "visible_from", "title_key", "position")
# What the database writes where nobody says when a row begins (see the migration).
WITHOUT_ORDER = datetime(1970, 1, 1, tzinfo=UTC)
# No object of the session knows the rows that are changed together.
UNSEEN = {"synchronize_session": False}


def enter(publication: Publication) -> list[str]:
    """Make a new live or waiting row findable; answer its terms."""
    row = {name: getattr(publication, name) for name in OF_ROWS} | {
        "publication_id": publication.id
    }
    terms = _terms(publication)
    if terms:
        writing.run(FOUND, *(row | {"term": term} for term in terms))
    _count(publication, [EVERY_ROW, *terms], 1)
    return terms


def mend() -> int:
    """Give terms that a program without orders wrote the orders of their rows; how many."""
    row, term = Publication, PublicationTerm
    orders = {name: getattr(row, name) for name in ("visible_from", "title_key", "position")}
    found = update(term).values(orders).where(term.publication_id == row.id)
    # As such a program leaves it.
    old = found.where(term.visible_from == WITHOUT_ORDER, row.visible_from != WITHOUT_ORDER)
    return db.session.execute(old, execution_options=UNSEEN).rowcount


def leave(publication: Publication) -> list[str]:
    """Forget a row that is past; answer the terms that it had."""
    mine = PublicationTerm.publication_id == publication.id
    terms = list(db.session.scalars(select(PublicationTerm.term).where(mine)))
    db.session.execute(delete(PublicationTerm).where(mine))
    _count(publication, [EVERY_ROW, *terms], -1)
    return terms


def move_category(category_id: str, above: Iterable[str], after: Iterable[str]) -> None:
    """Find every row in a category, or below it, by other categories than before.

    The caller has `locks.own_filing`; all are ids, from the inside out: those of the category
    itself, or of what it becomes, come first.
    """
    gone, added = ([f"category:{one}" for one in ids] for ids in (above, after))
    exchange(f"category:{category_id}", gone, added)


def exchange(term: str, gone: Iterable[str], added: Sequence[str]) -> None:
    """Let every row that `term` finds be found by `added` and no longer by `gone`. The first of
    `added` is the term itself, or what it becomes.

    The caller has `locks.own_filing`: nothing is published meanwhile, and the totals of these terms
    are counted anew.
    """
    stays, has_rows = added[0], used(term)
    gone, added = set(gone) - set(added), set(added) - set(gone)
    for one in sorted(added):
        db.session.execute(_found_by_both(term, one))
    mine = select(PublicationTerm.publication_id).where(PublicationTerm.term == term)
    for one in sorted(gone, key=lambda name: name == term):
        here = PublicationTerm.publication_id.in_(mine)
        rows = delete(PublicationTerm).where(PublicationTerm.term == one, here)
        db.session.execute(rows, execution_options=UNSEEN)
    _count_anew(gone | added)
    if has_rows and (gone or added):
        search_filing.due(stays, gone | added)
    generation.touch(*gone, *added)


def _found_by_both(term: str, other: str) -> Any:
    """The statement that lets rows be found by another term as well, where they are not yet."""
    row, known = PublicationTerm, aliased(PublicationTerm)
    already = exists().where(known.publication_id == row.publication_id, known.term == other)
    columns = (row.publication_id, *(getattr(row, name) for name in OF_ROWS))
    found = select(*columns, literal(other)).where(row.term == term, ~already.correlate(row))
    return insert(PublicationTerm).from_select([*(c.key for c in columns), "term"], found)


def _count_anew(terms: Iterable[str]) -> None:
    row, count, names = PublicationTerm, PublicationCount, sorted(terms)
    old = delete(count).where(count.term.in_(names))
    db.session.execute(old, execution_options=UNSEEN)
    found = select(row.kind, row.locale, row.term, func.count()).where(row.term.in_(names))
    found = found.group_by(row.kind, row.locale, row.term)
    db.session.execute(insert(count).from_select(["kind", "locale", "term", "total"], found))


def used(term: str) -> bool:
    """Whether a live or waiting row is found by this term."""
    query = select(PublicationTerm.term).where(PublicationTerm.term == term).limit(1)
    return db.session.scalar(query) is not None


def _terms(publication: Publication) -> list[str]:
    found = set()
    for link in publication.links:
        if link.kind is LinkKind.CATEGORY:
            found.update(f"category:{one}" for one in tree.lineage(link.target_id))
        elif link.kind in FINDS:
            found.add(f"{FINDS[link.kind]}:{link.target_id}")
    return sorted(found)


def _count(publication: Publication, terms: Iterable[str], step: int) -> None:
    row = {"kind": publication.kind, "locale": publication.locale, "total": step}
    # Sorted, so that two publishers never wait for each other's counters.
    rows = [row | {"term": term} for term in sorted(terms)]
    writing.run(_added(db.engine.dialect.name), *rows)


@cache
def _added(_dialect: str) -> Any:
    counts = PublicationCount.__table__
    new = insert_into(counts)
    return new.on_conflict_do_update(
        index_elements=["kind", "locale", "term"],
        set_={"total": counts.c.total + new.excluded.total},
    )
