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
from cms.services import search
from cms.services.batches import BATCH, for_a_while
from cms.services.published import not_past


def due(term: str | None, changed: Iterable[str]) -> None:
    """The rows that `term` finds are found by other terms than they are filed by: the `changed`
    ones. None, where nothing finds them that did before: nobody asks for what is gone.
    """
    names = ",".join(sorted(changed))
    if term and names:
        db.session.add(Refiling(term=term, changed=names))


def go_on(_now: datetime | None = None) -> int:
    """File some texts, inside a transaction: 1 where there may be more to do."""
    first = select(Refiling).order_by(Refiling.id).limit(1)
    due = db.session.scalar(first.with_for_update(skip_locked=True))
    if due is None:
        return 0
    rows = list(db.session.scalars(_next(due)))
    for row in for_a_while(rows):
        search.renew(row)
        due.reached = row.id
    if not rows:
        db.session.delete(due)
    return 1


def _next(due: Refiling) -> Select[Any]:
    row, term = Publication, PublicationTerm
    rows = select(row).join(term, term.publication_id == row.id)
    rows = rows.where(term.term == due.term, row.id > due.reached, not_past())
    return rows.order_by(row.id).limit(BATCH).with_for_update(of=row)
