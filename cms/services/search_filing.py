"""How the full-text index comes to know terms that texts were given after they were published.

To enter a text anew takes a millisecond, and a term may have 100,000: so an exchange of terms only
says what is due, and the worker does it. Meanwhile nobody asks the index for those terms.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from cms.extensions import db
from cms.models import Publication, PublicationTerm, Refiling
from cms.services import locks, search
from cms.services.batches import BATCH, for_a_while
from cms.services.published import not_past


def due(term: str, changed: Iterable[str]) -> None:
    """The rows that `term` finds are found by other terms than they are filed by: the `changed`
    ones. The caller has `locks.own_filing`.

    It names what is unfinished as well: rows may have gone from a term whose turn is still to come.
    """
    names = {*changed}
    for unfinished in db.session.scalars(select(Refiling.changed)):
        names.update(unfinished.split(","))
    if names:
        db.session.add(Refiling(term=term, changed=",".join(sorted(names))))


def go_on(_now: datetime | None = None) -> int:
    """File some texts, inside a transaction: 1 where there may be more to do."""
    if db.session.scalar(select(Refiling.id).limit(1)) is None:
        return 0
    # Who publishes, or moves terms, takes rows in other orders.
    locks.own_filing()
    first = db.session.scalar(select(Refiling).order_by(Refiling.id).limit(1))
    if first is None:
        return 0
    last = None
    for row in for_a_while(db.session.scalars(_next(first)).all()):
        search.renew(row)
        last = row.id
    if last is None:
        db.session.delete(first)
    else:
        first.reached = last
    return 1


def _next(refiling: Refiling) -> Select[Any]:
    """From the newest on: of the index of the newest, the first one alone falls out."""
    row, term = Publication, PublicationTerm
    rows = select(row).join(term, term.publication_id == row.id)
    rows = rows.where(term.term == refiling.term, row.id < refiling.reached, not_past())
    return rows.order_by(row.id.desc()).limit(BATCH).with_for_update(of=row)
