"""Take a comment that was screened: placed in its thread and kept once, in one transaction."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import insert

from cms import writing
from cms.actor import READER
from cms.errors import Forbidden
from cms.extensions import db
from cms.models import Comment, CommentStatus
from cms.models.base import new_id
from cms.services import (
    audit,
    clock,
    comment_rules,
    idempotency,
    outbox,
    places,
    receipts,
    screening,
    signing,
    threads,
)
from cms.services.incoming import Screened

NEW = insert(Comment.__table__)
PLACE = {"parent_id": None, "root_id": None, "depth": 0}


def keep(comment: Screened) -> dict[str, Any]:
    """Take a comment: `{"id", "status", "receipt"}`, and `help` at times.

    The answer is the same whether the comment waits or is spam, and for a request that is sent
    again with its key. Raises Forbidden (`comments_closed`), Invalid (`unknown_parent`,
    `idempotency_key_reused`); a broken constraint is `duplicate_comment`.
    """
    now, comment_id = clock.now(), new_id()
    first_id = _claim(comment, comment_id, now)
    if first_id != comment_id:
        first = db.session.get(Comment, first_id)
        return _answer(first_id, first.verdicts if first else [], first and first.flag)
    _insert(comment, comment_id, now)
    _announce(comment, comment_id, now)
    return _answer(comment_id, comment.row["verdicts"], comment.row["flag"])


def _answer(comment_id: str, verdicts: list[dict[str, Any]], flag: str | None) -> dict[str, Any]:
    """As the checks decided, whatever has become of it since. What is spam seems to wait."""
    at_once = verdicts and screening.first_status(verdicts) is CommentStatus.APPROVED
    status = CommentStatus.APPROVED if at_once else CommentStatus.PENDING
    answer = {"id": comment_id, "status": status.value, "receipt": receipts.of(comment_id)}
    return answer | ({"help": comment_rules.current().said["help_text"]} if flag else {})


def _claim(comment: Screened, comment_id: str, now: datetime) -> str:
    if comment.how.idempotency_key is None:
        return comment_id
    body = orjson.dumps(asdict(comment.words), option=orjson.OPT_SORT_KEYS).decode()
    return idempotency.claim(
        # By network, too: a stranger's guess at somebody's key and words must tell nothing.
        ("POST comment", comment.post_id, comment.row["network"] or ""),
        comment.how.idempotency_key,
        request=signing.digest("request", body),
        comment_id=comment_id,
        now=now,
    )


def _insert(comment: Screened, comment_id: str, now: datetime) -> None:
    post_id, status = comment.post_id, comment.status
    # Under the lock of its thread: one that somebody has closed takes nothing more.
    if status is CommentStatus.REJECTED or not threads.take_in(post_id, status):
        raise Forbidden("Comments are closed here.", reason="comments_closed")
    place = PLACE | places.of(post_id, comment.words.parent_id)
    is_approved = status is CommentStatus.APPROVED
    kept = {"id": comment_id, "created_at": now, "updated_at": now, "status": status}
    writing.run(NEW, comment.row | place | kept | {"shown": is_approved})
    if is_approved:
        threads.count_reply(place["parent_id"], 1)
        threads.touch(post_id)


def _announce(comment: Screened, comment_id: str, now: datetime) -> None:
    audit.record(READER, "comment.submitted", comment_id, now)
    named = {"id": comment_id, "post_id": comment.post_id}
    outbox.record("comment.submitted", now, **named)
    if comment.status is CommentStatus.APPROVED:
        outbox.record("comment.approved", now, **named)
    flagged(comment_id, comment.post_id, comment.row["flag"], now)


def flagged(comment_id: str, post_id: str, flag: str | None, now: datetime) -> None:
    """Alert somebody to what is urgent: by its id, never by its words."""
    if flag:
        outbox.record("comment.flagged", now, id=comment_id, post_id=post_id, flag=flag)
