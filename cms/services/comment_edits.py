"""What its writer asks to put in the place of an approved comment: it waits beside the text."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete

from cms.errors import Conflict
from cms.extensions import db
from cms.models import Comment, CommentEdit
from cms.services import evidence, learning
from cms.services.sql import insert_into

TEXT = ("source", "html", "text", "fingerprint")


def of(comment_id: str) -> CommentEdit | None:
    return db.session.get(CommentEdit, comment_id, populate_existing=True)


def propose(
    comment_id: str, text: dict[str, str], verdicts: list[dict[str, Any]], now: datetime
) -> None:
    """Keep an edit until somebody decides; it takes the place of an earlier one."""
    values = text | {"verdicts": verdicts, "created_at": now}
    kept = insert_into(CommentEdit).values(comment_id=comment_id, **values)
    db.session.execute(kept.on_conflict_do_update(index_elements=["comment_id"], set_=values))


def withdraw(comment_id: str) -> None:
    db.session.execute(delete(CommentEdit).where(CommentEdit.comment_id == comment_id))


def decide(comment: Comment, decision: str, now: datetime) -> None:
    """Put the edit in the place of the text (`accept`), or forget it (`refuse`).

    Raises Conflict (`no_comment_edit`).
    """
    edit = of(comment.id)
    if edit is None:
        raise Conflict("No edit of this comment waits.", reason="no_comment_edit")
    if decision == "accept":
        replace(comment, {name: getattr(edit, name) for name in TEXT}, now)
        comment.verdicts = edit.verdicts
    withdraw(comment.id)


def replace(comment: Comment, text: dict[str, str], now: datetime) -> None:
    """Let a comment that readers may have read say something else."""
    learning.forget(comment)
    for name, value in text.items():
        setattr(comment, name, value)
    comment.said = evidence.said(comment.html, comment.text)
    comment.redacted = None
    comment.edited_at = now
