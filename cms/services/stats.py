"""What needs an editor today: counts, each of which is a list that the API can show."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, union

from cms.actor import Actor
from cms.extensions import db
from cms.models import Entry, Kind, Status
from cms.permissions import Action, allows, require
from cms.services import body_links, clock, counting, reviews, search_misses, seldom


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
    found = {
        status.value: _count(way(kind, now), Entry.status_is(status, now))
        for status, way in seldom.STATUSES.items()
    }
    row = Entry.__table__.c
    known = db.session.scalar(select(func.count()).where(row.kind == kind)) or 0
    # Most are public: those are all others, and not looked at.
    found[Status.PUBLISHED] = known - sum(found.values())
    changed = Entry.has_unpublished_changes(now)
    return found | {"unpublished_changes": _count(seldom.changed(kind), changed)}


def _count(way: seldom.Way, condition: ColumnElement[bool]) -> int:
    among = Entry.__table__.c.id.in_(union(*(select(part.subquery()) for part in way)))
    return db.session.scalar(select(func.count()).where(among, condition)) or 0
