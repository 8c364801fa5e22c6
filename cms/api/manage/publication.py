"""Publishing: freeze a working copy and make it public, or take it offline."""

from typing import Any

from cms.api.conditional import expected_version
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.publication_schemas import (
    CancelledSchema,
    PlanSchema,
    PublicationSchema,
    TakenDownSchema,
    TimesSchema,
)
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import Entry, Faq, Post
from cms.services import clock, entries, publish_checks, publishing, scheduling
from cms.services.publishing import Plan


class Publication(Resource):
    """The same for posts and FAQs; `model` says which."""

    model: type[Entry]

    @blp.shows(PublicationSchema)
    def get(self, entry_id: str) -> Any:
        """Read what is live, what waits, and what publishing would find"""
        return state(entries.read(actor(), self.model, entry_id))

    @blp.body(PlanSchema)
    @blp.shows(PublicationSchema)
    def put(self, plan: Plan, entry_id: str) -> Any:
        """Publish the working copy, now or at `publish_at`"""
        with transaction():
            entry = publishing.publish(actor(), self.model, entry_id, expected_version(), plan)
        return state(entry)

    @blp.body(TimesSchema)
    @blp.shows(PublicationSchema)
    def patch(self, times: dict[str, Any], entry_id: str) -> Any:
        """Change times, never content"""
        with transaction():
            entry = scheduling.reschedule(actor(), self.model, entry_id, expected_version(), times)
        return state(entry)

    @blp.shows(TakenDownSchema)
    def delete(self, entry_id: str) -> Any:
        """Take offline and cancel what waits; the answer names both"""
        with transaction():
            entry, taken = publishing.unpublish(actor(), self.model, entry_id, expected_version())
        return state(entry) | {"taken_offline": taken.live, "cancelled": taken.waiting}


class Scheduled(Resource):
    """What waits to be public."""

    model: type[Entry]

    @blp.shows(CancelledSchema)
    def delete(self, entry_id: str) -> Any:
        """Cancel what waits; what is live goes on"""
        with transaction():
            entry, row = scheduling.cancel(actor(), self.model, entry_id, expected_version())
        return state(entry) | {"cancelled": row}


def state(entry: Entry) -> dict[str, Any]:
    """An entry's publication: what readers see, and how it stands to the working copy."""
    now = clock.reading_now()
    live, waiting = publishing.standing_at(entry, now)
    return {
        "live": live,
        "scheduled": waiting,
        "status": entry.status_at(now),
        "has_unpublished_changes": entry.has_unpublished_changes_at(now),
        "slug": entry.slug,
        "published_at": entry.published_at,
        "version": entry.version,
        "findings": publish_checks.findings(entry, now),
    }


@blp.route("/posts/<id:entry_id>/publication")
class PostPublication(Publication):
    model = Post


@blp.route("/faqs/<id:entry_id>/publication")
class FaqPublication(Publication):
    model = Faq


@blp.route("/posts/<id:entry_id>/publication/scheduled")
class PostScheduled(Scheduled):
    model = Post


@blp.route("/faqs/<id:entry_id>/publication/scheduled")
class FaqScheduled(Scheduled):
    model = Faq
