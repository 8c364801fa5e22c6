"""How the full-text index comes to know terms that texts were given after they were published.

To enter a text anew takes a millisecond, and a term may have 100,000: so an exchange of terms only
says what is due, and the worker does it. Meanwhile nobody asks the index for those terms.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select

from cms.extensions import db
from cms.models import Publication, PublicationTerm, Refiling
from cms.models.refiling import BEHIND_ALL
from cms.services import locks, search
from cms.services.batches import BATCH, for_a_while
from cms.services.published import not_past


def due(term: str, changed: Iterable[str]) -> None:
    """The rows that `term` finds are found by other terms than they are filed by: the `changed`
    ones. The caller has `locks.own_filing`.
    """
    refiling = db.session.scalar(select(Refiling).where(Refiling.term == term))
    known = refiling.changed.split(",") if refiling else []
    names = ",".join(sorted({*known, *changed}))
    if refiling is None:
        db.session.add(Refiling(term=term, changed=names))
    else:
        refiling.changed, refiling.reached = names, BEHIND_ALL


def go_on(_now: datetime | None = None) -> int:
    """File some texts, inside a transaction: 1 where there may be more to do."""
    if db.session.scalar(select(Refiling.id).limit(1)) is None:
        return 0
    # Who publishes, or moves terms, takes rows in other orders, and does not wait for this.
    if not locks.try_own_filing():
        return 0
    refiling = db.session.scalar(_UNFINISHED)
    if refiling is None:
        # Not before: rows may have gone from a term whose turn was still to come.
        db.session.execute(delete(Refiling))
        return 0
    refiling.reached = _file(db.session.scalars(_next(refiling)).all())
    return 1


_UNFINISHED = select(Refiling).where(Refiling.reached > 0).order_by(Refiling.id).limit(1)


def _file(rows: Iterable[Publication]) -> int:
    """The last one that was filed in this part; 0 for none."""
    last = 0
    for row in for_a_while(rows):
        search.renew(row)
        last = row.id
    return last


def _next(refiling: Refiling) -> Select[Any]:
    """From the newest on: of the index of the newest, the first one alone falls out."""
    row, term = Publication, PublicationTerm
    rows = select(row).join(term, term.publication_id == row.id)
    rows = rows.where(term.term == refiling.term, row.id < refiling.reached, not_past())
    return rows.order_by(row.id.desc()).limit(BATCH).with_for_update(of=row)
