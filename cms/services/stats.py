"""What needs an editor today: counts, each of which is a list that the API can show."""

from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from cms.actor import Actor
from cms.extensions import db
from cms.models import Entry, Kind, Status
from cms.permissions import Action, allows, require
from cms.services import body_links, clock, counting, reviews, search_misses


def counts(actor: Actor) -> dict[str, Any]:
    """Posts and FAQs by status, reviews that are overdue, what has links that lead nowhere,
    searches that find nothing, and comments for who may read those."""
    require(actor, Action.CONTENT_READ)
    now = clock.reading_now()
    found: dict[str, Any] = {
        "posts": _entries(Kind.POST, now),
        "faqs": _entries(Kind.FAQ, now),
        "reviews_overdue": reviews.overdue_count(now.date()),
        "broken_links": body_links.count_broken(now),
        "searches_without_results": search_misses.count_shown(),
    }
    if allows(actor, Action.COMMENT_READ):
        found["comments"] = counting.by_status()
    return found


def _entries(kind: Kind, now: datetime) -> dict[str, int]:
    conditions = {status.value: Entry.status_is(status, now) for status in Status}
    conditions["unpublished_changes"] = Entry.has_unpublished_changes(now)
    sums = [
        func.coalesce(func.sum(case((condition, 1), else_=0)), 0).label(name)
        for name, condition in conditions.items()
    ]
    row = db.session.execute(select(*sums).where(Entry.__table__.c.kind == kind)).one()
    return dict(row._mapping)
