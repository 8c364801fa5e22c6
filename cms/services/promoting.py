"""Make a draft FAQ from a reader's question; each of the two knows the other."""

import re
from typing import Any

from cms.actor import Actor
from cms.errors import Conflict, NotFound
from cms.extensions import db
from cms.models import Comment, Faq
from cms.permissions import Action, require
from cms.services import audit, clock, faqs, outbox

LONGEST = 300
ADDRESS = re.compile(r"\S+@\S+|https?://\S+")


def promote(actor: Actor, comment_id: str, values: dict[str, Any]) -> Faq:
    """Start a FAQ. Without a `question`, it is what the comment says, without who said it.

    Raises Forbidden, NotFound, Conflict (`already_a_faq`, `comment_withdrawn`).
    """
    require(actor, Action.COMMENT_MODERATE)
    require(actor, Action.ENTRY_CREATE)
    comment = db.session.get(Comment, comment_id, with_for_update=True, populate_existing=True)
    if comment is None:
        raise NotFound("There is no such comment.", reason="not_found")
    _refuse(comment)
    faq = faqs.create(actor, {"title": _question(comment)} | values)
    faq.comment_id, comment.faq_id, now = comment.id, faq.id, clock.now()
    was_last = comment.moved_version == comment.version
    comment.changed(now)
    if was_last:
        comment.moved_version = comment.version
    audit.record(actor, "comment.promoted", comment.id, now, ["faq_id"])
    outbox.record("comment.promoted", now, id=comment.id, faq_id=faq.id)
    return faq


def _refuse(comment: Comment) -> None:
    if comment.withdrawn_at is not None:
        raise Conflict("Its writer has withdrawn this comment.", reason="comment_withdrawn")
    if comment.faq_id and db.session.get(Faq, comment.faq_id) is not None:
        raise Conflict("A FAQ was made from this comment.", reason="already_a_faq")


def _question(comment: Comment) -> str:
    """The comment on one line, without its writer's name and any address."""
    text = ADDRESS.sub("…", comment.text)
    text = re.sub(rf"(?<!\w){re.escape(comment.name)}(?!\w)", "…", text, flags=re.IGNORECASE)
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
