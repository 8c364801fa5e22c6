"""What the checks are told of a comment, put together from the database."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from cms.extensions import db
from cms.models import Comment, Publication
from cms.services import comment_rules, learning, signing
from cms.services.checks.rules import Rules
from cms.services.checks.wording import words_of
from cms.services.screening import Evidence

# Fewer words are said by many who mean well: "Thank you very much!"
LONG_ENOUGH = 6


def gather(body: str, *, said_by: Rules | None = None, **given: Any) -> Evidence:
    """Evidence of one comment, by the site's rules or by others. `given` is what came along."""
    by = said_by or comment_rules.current()
    return Evidence(
        body=body,
        rules=by,
        published_at=_published_at(given["post_id"]) if by.said["close_after_days"] else None,
        said_before=_said_before(said(body), given.pop("itself", None)),
        spam_score=learning.score(body, by.said["learn_from"]),
        **given,
    )


def said(body: str) -> str | None:
    """What tells that two comments say the same; None for what is too short to tell."""
    words = words_of(body)
    return signing.digest("said", " ".join(words)) if len(words) >= LONG_ENOUGH else None


def _said_before(digest: str | None, itself: str | None) -> int:
    if digest is None:
        return 0
    same = select(Comment.id).where(Comment.said == digest, Comment.id != (itself or "")).limit(10)
    return db.session.scalar(select(func.count()).select_from(same.subquery())) or 0


def _published_at(post_id: str) -> datetime | None:
    first = select(func.min(Publication.visible_from)).where(Publication.entry_id == post_id)
    return db.session.scalar(first)
