"""A comment of which nothing is kept but its place: withdrawn, erased, or brought in as such."""

from datetime import datetime
from typing import Any

from cms.models import Comment, CommentStatus
from cms.services import learning

# Whatever says who wrote it, and what.
NOTHING: dict[str, Any] = {"name": "", "email": "", "url": None, "network": None, "note": None}
NOTHING |= {"user_agent": None, "source": "", "html": "", "text": "", "verdicts": []}
NOTHING |= {"known_by": None, "consent_id": None, "edited_at": None}
NOTHING |= {"flag": None, "redacted": None, "said": None, "learned": None}


def values(comment_id: str, withdrawn_at: datetime) -> dict[str, Any]:
    """What is left in the row."""
    # No two comments of a post have one fingerprint.
    kept = {"fingerprint": f"withdrawn:{comment_id}", "withdrawn_at": withdrawn_at}
    return NOTHING | kept | {"status": CommentStatus.TRASHED}


def empty(comment: Comment, now: datetime) -> None:
    """Forget the words, and what they taught. The caller settles its thread."""
    learning.forget(comment)
    for name, value in values(comment.id, comment.withdrawn_at or now).items():
        setattr(comment, name, value)
