"""Everything that the site keeps about one email address of a reader: shown, or erased for good."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, delete, exists, inspect, select, text, update
from sqlalchemy.orm import aliased

from cms.actor import Actor
from cms.extensions import db
from cms.models import (
    AuditEvent,
    Comment,
    CommentEdit,
    CommentStatus,
    Delivery,
    DeliveryAttempt,
    IdempotencyKey,
    OutboxEvent,
)
from cms.permissions import Action, require
from cms.services import (
    audit,
    clock,
    comment_rules,
    emails,
    emptying,
    learning,
    mentions,
    outbox,
    threads,
)
from cms.services.batches import for_a_while

# So many comments' records are asked for in one statement.
PART = 500
# So many are erased at a time, or fewer that take as long as others can wait for.
MOST = 50
ANSWERED = select(exists().where(aliased(Comment).parent_id == bindparam("by")))
# What the records of an export and an erasure are about; an address is nothing for a log.
ABOUT = "privacy"


def export(actor: Actor, email: str) -> dict[str, list[dict[str, Any]]]:
    """All rows about an address, by table. Raises Forbidden."""
    require(actor, Action.PRIVACY_MANAGE)
    address = emails.folded(email)
    comments = list(db.session.scalars(select(Comment).filter_by(email=address)))
    ids = [one.id for one in comments]
    audit.record(actor, "privacy.exported", ABOUT, clock.now())
    return {
        "comments": list(map(_row, comments)),
        "comment_edits": _rows(CommentEdit, CommentEdit.comment_id, ids),
        "idempotency_keys": _rows(IdempotencyKey, IdempotencyKey.comment_id, ids),
        "audit_log": _rows(AuditEvent, AuditEvent.object_id, ids),
        "outbox": _rows(OutboxEvent, OutboxEvent.payload["id"].as_string(), ids),
    }


def _rows(model: Any, column: Any, ids: list[str]) -> list[dict[str, Any]]:
    return [
        _row(one)
        for part in _parts(ids)
        for one in db.session.scalars(select(model).where(column.in_(part)))
    ]


def _row(found: Any) -> dict[str, Any]:
    return {column.key: getattr(found, column.key) for column in inspect(found).mapper.column_attrs}


@dataclass
class Erased:
    """What was done, and what is left to a person's judgement.

    Ids of comments by others that seem to name the writer (`named_in`) and of FAQs that were made
    from what is gone (`faqs`); and whether the rules block the address, and so name it. `has_more`
    where not all was done in one part.
    """

    removed: int = 0
    placeholders: int = 0
    named_in: list[str] = field(default_factory=list)
    faqs: list[str] = field(default_factory=list)
    is_blocked: bool = False
    has_more: bool = False

    def __iadd__(self, part: "Erased") -> "Erased":
        self.removed += part.removed
        self.placeholders += part.placeholders
        self.has_more = part.has_more
        return self


def begin_erasure(actor: Actor, email: str) -> Erased:
    """What an erasure of an address leaves to people, and nothing done yet: it `has_more`.

    Ask outside a transaction: all comments of some posts may be read. Raises Forbidden.
    """
    require(actor, Action.PRIVACY_MANAGE)
    address = emails.folded(email)
    asked = select(Comment.id, Comment.post_id, Comment.name).filter_by(email=address)
    theirs = db.session.execute(asked.order_by(Comment.id)).all()
    names, posts = [one.name for one in theirs], sorted({one.post_id for one in theirs})
    named = {one for some in _parts(posts) for one in mentions.by_others(address, names, some)}
    ids = [one.id for one in theirs]
    faqs = {one for some in _parts(ids) for one in mentions.in_faqs(some)}
    is_blocked = address in comment_rules.current().addresses
    return Erased(named_in=sorted(named), faqs=sorted(faqs), is_blocked=is_blocked, has_more=True)


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[at : at + PART] for at in range(0, len(ids), PART))


def erase(actor: Actor, email: str) -> Erased:
    """Delete a part of what an address wrote: call it again while it says that it `has_more`.

    A place stays where others have answered, with nothing in it. Raises Forbidden.
    """
    require(actor, Action.PRIVACY_MANAGE)
    if db.engine.dialect.name == "sqlite":
        # Else the words stay in the file where they stood, until something is written over them.
        db.session.execute(text("PRAGMA secure_delete = ON"))
    # Answers first: then most of what they answer has none.
    query = select(Comment.id, Comment.post_id).filter_by(email=emails.folded(email))
    first = query.order_by(Comment.post_id, Comment.depth.desc()).limit(MOST)
    theirs, done = db.session.execute(first).all(), Erased()
    _forget_traces([one.id for one in theirs])
    seen = [_forget(done, one.id, one.post_id) for one in for_a_while(theirs)]
    done.has_more = len(seen) < len(theirs) or len(seen) == MOST
    audit.record(actor, "privacy.erased", ABOUT, clock.now())
    told = {"removed": done.removed, "placeholders": done.placeholders}
    outbox.record("privacy.erased", clock.now(), **told)
    return done


def _forget_traces(ids: Sequence[str]) -> None:
    # Whoever sent the key again would be told of a comment that is gone.
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.comment_id.in_(ids)))
    # What receivers answered to events about comments may quote what they asked for.
    about = OutboxEvent.payload["id"].as_string().in_(ids)
    sent = select(Delivery.id).join(OutboxEvent, OutboxEvent.id == Delivery.event_id).where(about)
    answered = update(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(sent))
    blank = answered.where(DeliveryAttempt.excerpt != "").values(excerpt="")
    db.session.execute(blank, execution_options={"synchronize_session": False})


def _forget(done: Erased, comment_id: str, post_id: str) -> None:
    thread = threads.lock(post_id)
    comment = db.session.get(Comment, comment_id, populate_existing=True)
    # Another erasure or a worker was first.
    if comment is None:
        return
    if not db.session.scalar(ANSWERED, {"by": comment_id}):
        learning.forget(comment)
        threads.remove(thread, comment)
        done.removed += 1
        return
    db.session.execute(delete(CommentEdit).filter_by(comment_id=comment_id))
    if comment.shown:
        threads.touch(post_id)
    _blank(thread, comment)
    done.placeholders += 1


def _blank(thread: Any, comment: Comment) -> None:
    now, was_approved = clock.now(), comment.status is CommentStatus.APPROVED
    emptying.empty(comment, now)
    threads.settle(thread, comment, was_approved=was_approved)
    comment.changed(now)
    db.session.flush()
