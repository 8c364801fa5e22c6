"""Where in its thread a comment stands."""

from typing import Any

from cms.errors import Invalid
from cms.extensions import db
from cms.models import Comment, CommentStatus
from cms.services import settings


def of(post_id: str, parent_id: str | None) -> dict[str, Any]:
    """Where in the thread a comment goes. Raises Invalid for a parent that readers can not read."""
    if parent_id is None:
        return {}
    above = db.session.get(Comment, parent_id)
    is_approved = above is not None and above.status is CommentStatus.APPROVED
    if not is_approved or above.post_id != post_id:
        raise Invalid("/parent_id", "There is no such comment here.", reason="unknown_parent")
    return below(above)


def below(above: Comment) -> dict[str, Any]:
    """The place of what answers a comment."""
    root_id, deepest = above.root_id or above.id, settings.comment_levels() - 1
    # It joins the last level, also where there were more levels once.
    found: Comment | None = above
    while found is not None and found.depth >= deepest:
        found = db.session.get(Comment, found.parent_id) if found.parent_id else None
    if found is None:
        return {}
    return {"parent_id": found.id, "root_id": root_id, "depth": found.depth + 1}
