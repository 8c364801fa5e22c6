"""Publishing: freeze a working copy and make it public, or take it offline."""

from typing import Any

from cms.api.conditional import expected_version
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.schemas import PublicationOptionsSchema, PublicationSchema, TakenDownSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import Entry, Faq, Post
from cms.services import clock, entries, publishing


class Publication(Resource):
    """The same for posts and FAQs; `model` says which."""

    model: type[Entry]

    @blp.shows(PublicationSchema)
    def get(self, entry_id: str) -> Any:
        """Read what is live and what waits"""
        return state(entries.read(actor(), self.model, entry_id))

    @blp.body(PublicationOptionsSchema)
    @blp.shows(PublicationSchema)
    def put(self, options: dict[str, Any], entry_id: str) -> Any:
        """Publish the working copy"""
        with transaction():
            entry = publishing.publish(actor(), self.model, entry_id, expected_version(), **options)
        return state(entry)

    @blp.shows(TakenDownSchema)
    def delete(self, entry_id: str) -> Any:
        """Take offline; the answer names what was public"""
        with transaction():
            row = publishing.unpublish(actor(), self.model, entry_id, expected_version())
            entry = entries.get(self.model, entry_id)
        return state(entry) | {"taken_offline": row, "cancelled": None}


def state(entry: Entry) -> dict[str, Any]:
    """An entry's publication: what readers see, and how it stands to the working copy."""
    now = clock.reading_now()
    return {
        "live": publishing.live_row(entry, now),
        "scheduled": None,
        "status": entry.status_at(now),
        "has_unpublished_changes": entry.has_unpublished_changes_at(now),
        "slug": entry.slug,
        "published_at": entry.published_at,
        "version": entry.version,
    }


@blp.route("/posts/<id:entry_id>/publication")
class PostPublication(Publication):
    model = Post


@blp.route("/faqs/<id:entry_id>/publication")
class FaqPublication(Publication):
    model = Faq
