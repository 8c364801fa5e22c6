"""What editors do with FAQs, up to publishing: the same working copy as a post's."""

from typing import Any

from cms.actor import Actor
from cms.models import Faq
from cms.permissions import Action, require
from cms.services import clock, entries, where_used


def create(actor: Actor, values: dict[str, Any]) -> Faq:
    """Start a draft. Raises Forbidden, Conflict (`slug_taken`), Invalid (an unknown id)."""
    require(actor, Action.ENTRY_CREATE)
    faq = Faq()
    entries.start(actor, faq, values, clock.now())
    return faq


def read(actor: Actor, faq_id: str) -> Faq:
    """A working copy, and as `used_in` the posts that show it. Raises NotFound."""
    faq = entries.read(actor, Faq, faq_id)
    faq.used_in = where_used.posts_showing(faq)
    return faq


def edit(actor: Actor, faq_id: str, version: int | None, changes: dict[str, Any]) -> Faq:
    """Change the working copy. Raises StaleVersion when somebody saved since."""
    faq, _ = entries.edit(actor, Faq, faq_id, version, changes)
    return faq
