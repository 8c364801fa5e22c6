"""What the writer of a comment may do with it by its receipt, with no account.

Whatever became of the post, what somebody wrote is theirs to see and to take back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cms.actor import READER
from cms.errors import Conflict, NotFound, Unproven
from cms.extensions import db
from cms.models import Comment, CommentEdit, CommentStatus
from cms.services import (
    audit,
    clock,
    comment_edits,
    comment_texts,
    emptying,
    evidence,
    incoming,
    learning,
    outbox,
    receipts,
    screening,
    submitting,
    threads,
)
from cms.services.checks.evidence import Evidence
from cms.services.checks.rules import graver
from cms.services.screening import Verdict

EDITABLE_FOR = timedelta(minutes=15)
# What its writer is told. Whether a comment was taken for spam, nobody outside learns.
TOLD = {
    CommentStatus.PENDING: "pending",
    CommentStatus.SPAM: "pending",
    CommentStatus.APPROVED: "approved",
    CommentStatus.REJECTED: "rejected",
    CommentStatus.TRASHED: "rejected",
}


@dataclass(frozen=True, kw_only=True)
class Own:
    """A comment as its writer sees it; `edit` is what they ask to put in its place."""

    comment: Comment
    edit: CommentEdit | None
    now: datetime

    @property
    def status(self) -> str:
        return TOLD[self.comment.status]

    @property
    def editable_until(self) -> datetime | None:
        """Until when an approved comment may be edited; None while one that waits may be."""
        return self.comment.created_at + EDITABLE_FOR if self.status == "approved" else None

    @property
    def is_editable(self) -> bool:
        if self.editable_until is not None:
            return self.now < self.editable_until
        return self.status == "pending"


def get(comment_id: str, receipt: str) -> Own:
    """Raises Unproven, and NotFound where the comment is gone or withdrawn."""
    _prove(comment_id, receipt)
    found = _there(db.session.get(Comment, comment_id))
    return Own(comment=found, edit=comment_edits.of(comment_id), now=clock.reading_now())


def edit(comment_id: str, receipt: str, body: str) -> Own:
    """Say something else. What is public stays until the new text has passed the same checks.

    Raises Unproven, NotFound, Conflict (`comment_not_editable`); a broken constraint is
    `duplicate_comment`.
    """
    _, comment = _locked(comment_id, receipt)
    own = Own(comment=comment, edit=comment_edits.of(comment_id), now=clock.now())
    if not own.is_editable:
        raise Conflict("It is too late to edit this comment.", reason="comment_not_editable")
    if body != (own.edit or comment).source:
        was_spam = comment.status is CommentStatus.SPAM
        _say(own, body)
        audit.record(READER, "comment.edited", comment_id, own.now, ["body"])
        outbox.record("comment.edited", own.now, id=comment_id, post_id=comment.post_id)
        # Spam goes in its time, however often it is edited.
        comment.changed(comment.updated_at if was_spam else own.now)
        db.session.flush()
    return Own(comment=comment, edit=comment_edits.of(comment_id), now=own.now)


def withdraw(comment_id: str, receipt: str) -> None:
    """Take a comment back, at once and for good; its place stays while replies are shown.

    Raises Unproven, NotFound.
    """
    thread, comment = _locked(comment_id, receipt)
    now, was_approved = clock.now(), comment.status is CommentStatus.APPROVED
    if comment.shown:
        threads.touch(comment.post_id)
    learning.leave(comment)
    emptying.empty(comment, now)
    threads.settle(thread, comment, was_approved=was_approved)
    comment.changed(now)
    comment_edits.withdraw(comment_id)
    audit.record(READER, "comment.withdrawn", comment_id, now)
    outbox.record("comment.withdrawn", now, id=comment_id, post_id=comment.post_id)


def _prove(comment_id: str, receipt: str) -> None:
    if not receipts.proves(receipt, comment_id):
        raise Unproven("Send the receipt of this comment.", reason="bad_receipt")


def _there(comment: Comment | None) -> Comment:
    if comment is None or comment.withdrawn_at is not None:
        raise NotFound("There is no such comment.", reason="not_found")
    return comment


def _locked(comment_id: str, receipt: str) -> tuple[Any, Comment]:
    """The thread first, then the comment, as moderators do."""
    _prove(comment_id, receipt)
    post_id = _there(db.session.get(Comment, comment_id)).post_id
    thread = threads.lock(post_id)
    query = select(Comment).filter_by(id=comment_id).with_for_update(of=Comment)
    return thread, _there(db.session.scalar(query, execution_options={"populate_existing": True}))


def _say(own: Own, body: str) -> None:
    comment, now = own.comment, own.now
    text = comment_texts.text_of(comment.post_id, comment.email, comment.network, body)
    found = _evidence(comment, text, now)
    verdicts = screening.judge(found)
    if found.urgent:
        comment.flag = graver(comment.flag, found.urgent[0])
        submitting.flagged(comment.id, comment.post_id, comment.flag, now)
    if comment.status is not CommentStatus.APPROVED:
        comment.redacted = incoming.redacted_of(found)
        _replace_waiting(comment, text, verdicts)
    elif body == comment.source:
        # They took the edit back.
        comment_edits.withdraw(comment.id)
    elif screening.first_status(verdicts) is CommentStatus.APPROVED:
        comment_edits.replace(comment, text, now)
        comment.verdicts = verdicts
        comment_edits.withdraw(comment.id)
        threads.touch(comment.post_id)
    else:
        comment_edits.propose(comment.id, text, verdicts, now)


def _evidence(comment: Comment, text: dict[str, str], now: datetime) -> Evidence:
    # Whatever vouched for its writer may have been found to be spam since.
    known_by = incoming.vouched_by(comment.known_by, comment.email)
    return evidence.of_edit(comment, text, now, edit_of=comment.id, known_by=known_by)


def _replace_waiting(comment: Comment, text: dict[str, str], verdicts: list[Verdict]) -> None:
    """A comment that waits goes on waiting: an edit can make its case worse, never decide it."""
    learning.leave(comment)
    for name, value in text.items():
        setattr(comment, name, value)
    comment.said = evidence.said(comment.html, comment.text)
    comment.verdicts = screening.graver(comment.verdicts, verdicts)
    if screening.first_status(comment.verdicts) is CommentStatus.SPAM:
        comment.status = CommentStatus.SPAM
    comment_edits.withdraw(comment.id)
