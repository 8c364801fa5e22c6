"""Take a reader's comment: screened first, then placed in its thread and kept once.

What needs no lock is done before the transaction: others wait for SQLite's only write lock.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import String, bindparam, insert, select

from cms import writing
from cms.actor import READER
from cms.errors import Forbidden
from cms.extensions import db
from cms.models import Comment, CommentStatus
from cms.models.base import new_id
from cms.reading import reader
from cms.services import (
    audit,
    clock,
    comment_form,
    comment_rules,
    comment_texts,
    consents,
    contact,
    evidence,
    idempotency,
    outbox,
    places,
    receipts,
    screening,
    signing,
    threads,
)
from cms.services.checks.evidence import Evidence
from cms.services.delivery.comments import PublicThread
from cms.services.delivery.moment import Moment
from cms.times import parse_time

NEW = insert(Comment.__table__)
PLACE = {"parent_id": None, "root_id": None, "depth": 0}
WHOSE = select(Comment.email, Comment.status).where(Comment.id == bindparam("of", type_=String()))


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a reader sends, cleaned by `contact`."""

    author_name: str
    author_email: str
    body: str
    author_url: str | None = None
    parent_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """How a comment came here. None of it is ever public."""

    form_token: str | None = None
    honeypot: str | None = None
    receipt: str | None = None
    address: str | None = None
    user_agent: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Screened:
    """A comment that the checks have seen, and that is nowhere yet."""

    post_id: str
    words: Words
    how: Circumstances
    row: dict[str, Any]

    @property
    def status(self) -> CommentStatus:
        return screening.first_status(self.row["verdicts"])


def screened(moment: Moment, thread: PublicThread, words: Words, how: Circumstances) -> Screened:
    """What the checks say of a comment on a public post. Nothing is written."""
    now, network = parse_time(moment.now), contact.network_of(how.address)
    known_by = vouched_by(receipts.comment_id_of(how.receipt), words.author_email)
    text = comment_texts.text_of(thread.post_id, words.author_email, network, words.body)
    found = evidence.gather(
        text,
        post_id=thread.post_id,
        now=now,
        form_token=how.form_token,
        honeypot=how.honeypot,
        known_by=known_by,
        name=words.author_name,
        email=words.author_email,
        url=words.author_url,
        network=network,
    )
    row = {
        "post_id": thread.post_id,
        "name": words.author_name,
        "email": words.author_email,
        "url": words.author_url,
        "network": network,
        "user_agent": contact.clean_agent(how.user_agent),
        "known_by": known_by,
        "consent_id": _consent_at(moment, thread, how, now),
        **text,
        **_judged(found),
    }
    return Screened(post_id=thread.post_id, words=words, how=how, row=row)


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


def _consent_at(
    moment: Moment, thread: PublicThread, how: Circumstances, now: datetime
) -> str | None:
    locales = (moment.locale, moment.config.default_locale)
    shown_at = comment_form.made_at(how.form_token, thread.post_id) or now
    return consents.id_at(locales, min(shown_at, now))


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


def vouched_by(comment_id: str | None, email: str) -> str | None:
    """This comment, as long as it is approved and of this email. Any other tells nothing."""
    earlier = reader().row(WHOSE, {"of": comment_id}) if comment_id else None
    is_theirs = earlier is not None and earlier[0] == email
    return comment_id if is_theirs and earlier[1] == CommentStatus.APPROVED else None


def _judged(found: Evidence) -> dict[str, Any]:
    """What the checks say of a comment, and what moderators need because of it."""
    return {
        "verdicts": screening.judge(found),
        "flag": found.urgent[0] if found.urgent else None,
        "redacted": redacted_of(found),
        "said": evidence.said(found.text),
    }


def redacted_of(found: Evidence) -> dict[str, str] | None:
    """The comment without personal data, as `{"source", "html", "text"}`; None if it has none.

    None, too, where not all of it can be taken out.
    """
    return comment_texts.redacted(found.body, found.text) if found.personal_data else None
