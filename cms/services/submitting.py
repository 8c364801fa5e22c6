"""Take a reader's comment: screened, placed in its thread, and kept once."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson

from cms import content
from cms.actor import READER
from cms.errors import Forbidden
from cms.extensions import db
from cms.models import Comment, CommentStatus, Thread
from cms.models.base import new_id
from cms.services import (
    audit,
    clock,
    comment_form,
    comment_rules,
    consents,
    contact,
    evidence,
    generation,
    idempotency,
    outbox,
    places,
    receipts,
    screening,
    signing,
    threads,
)
from cms.services.delivery.comments import thread_of
from cms.services.delivery.moment import Moment
from cms.services.screening import Evidence


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


def submit(moment: Moment, slug: str, words: Words, how: Circumstances) -> dict[str, Any]:
    """Take a reader's comment on a public post: `{"id", "status", "receipt"}`, and `help` at times.

    The answer is the same whether the comment waits or is spam, and for a request that is sent
    again with its key. Raises Moved, NotFound, Forbidden (`comments_closed`), Invalid
    (`unknown_parent`, `idempotency_key_reused`); a broken constraint is `duplicate_comment`.
    """
    thread = thread_of(moment, slug)
    now, comment_id = clock.now(), new_id()
    first_id = _claim(thread.post_id, words, how, comment_id, now)
    if first_id == comment_id:
        # Under the lock: a thread that somebody has closed takes nothing more.
        locked = threads.lock(thread.post_id)
        if not locked.is_open:
            raise Forbidden("Comments are closed here.", reason="comments_closed")
        consent_id = _consent_at(moment, thread.post_id, how, now)
        _keep(comment_id, locked, words, how, now, consent_id)
    return _answer(first_id)


def _consent_at(moment: Moment, post_id: str, how: Circumstances, now: datetime) -> str | None:
    locales = (moment.locale, moment.config.default_locale)
    shown_at = comment_form.made_at(how.form_token, post_id) or now
    return consents.id_at(locales, min(shown_at, now))


def _answer(comment_id: str) -> dict[str, Any]:
    """As the checks decided, whatever has become of it since. What is spam seems to wait."""
    comment = db.session.get(Comment, comment_id)
    verdicts = comment.verdicts if comment else []
    at_once = verdicts and screening.first_status(verdicts) is CommentStatus.APPROVED
    status = CommentStatus.APPROVED if at_once else CommentStatus.PENDING
    answer = {"id": comment_id, "status": status.value, "receipt": receipts.of(comment_id)}
    is_urgent = comment is not None and comment.flag is not None
    return answer | ({"help": comment_rules.current().said["help_text"]} if is_urgent else {})


def _claim(post_id: str, words: Words, how: Circumstances, comment_id: str, now: datetime) -> str:
    if how.idempotency_key is None:
        return comment_id
    body = orjson.dumps(asdict(words), option=orjson.OPT_SORT_KEYS).decode()
    return idempotency.claim(
        # By network, too: a stranger's guess at somebody's key and words must tell nothing.
        ("POST comment", post_id, contact.network_of(how.address) or ""),
        how.idempotency_key,
        request=signing.digest("request", body),
        comment_id=comment_id,
        now=now,
    )


def _keep(
    comment_id: str,
    thread: Thread,
    words: Words,
    how: Circumstances,
    now: datetime,
    consent_id: str | None,
) -> None:
    post_id, network = thread.post_id, contact.network_of(how.address)
    known_by = _known_by(how.receipt, words.author_email)
    found = _evidence(post_id, words, how, known_by, now)
    comment = Comment(
        id=comment_id,
        post_id=post_id,
        created_at=now,
        updated_at=now,
        **_writer(words, how),
        known_by=known_by,
        consent_id=consent_id,
        **text_of(post_id, words.author_email, network, words.body),
        **places.of(post_id, words.parent_id),
        **judged(found),
    )
    comment.status = screening.first_status(comment.verdicts)
    if comment.status is CommentStatus.REJECTED:
        raise Forbidden("Comments are closed here.", reason="comments_closed")
    add(thread, comment)
    _announce(comment, now)


def add(thread: Thread, comment: Comment) -> None:
    """Put a new comment into its thread, which is locked, and show and count it by its status."""
    comment.shown, comment.reply_count = False, 0
    if threads.settle(thread, comment, was_approved=False):
        generation.touch(f"comments:{comment.post_id}", f"post:{comment.post_id}")
    db.session.add(comment)
    db.session.flush()


def _announce(comment: Comment, now: datetime) -> None:
    audit.record(READER, "comment.submitted", comment.id, now)
    named = {"id": comment.id, "post_id": comment.post_id}
    outbox.record("comment.submitted", now, **named)
    if comment.status is CommentStatus.APPROVED:
        outbox.record("comment.approved", now, **named)
    flagged(comment, now)


def flagged(comment: Comment, now: datetime) -> None:
    """Alert somebody to what is urgent: by its id, never by its words."""
    if comment.flag:
        named = {"id": comment.id, "post_id": comment.post_id}
        outbox.record("comment.flagged", now, flag=comment.flag, **named)


def _writer(words: Words, how: Circumstances) -> dict[str, Any]:
    return {
        "name": words.author_name,
        "email": words.author_email,
        "url": words.author_url,
        "network": contact.network_of(how.address),
        "user_agent": contact.clean_agent(how.user_agent),
    }


def text_of(post_id: str, email: str, network: str | None, body: str) -> dict[str, str]:
    """What is kept of a comment's words, whoever's they are by email and network."""
    rendered = content.render_comment(body)
    # Other capitals or spaces do not make other words.
    said = " ".join(body.casefold().split())
    return {
        "source": body,
        "html": rendered.html,
        "text": rendered.text,
        # The network is part of it: else a stranger could try which address wrote a comment.
        "fingerprint": signing.digest("comment", post_id, email, network or "", said),
    }


def _known_by(receipt: str | None, email: str) -> str | None:
    """The approved comment of this email whose receipt it is. Any other tells nothing."""
    comment_id = receipts.comment_id_of(receipt)
    earlier = db.session.get(Comment, comment_id) if comment_id else None
    is_theirs = earlier is not None and earlier.email == email
    return comment_id if is_theirs and earlier.status is CommentStatus.APPROVED else None


def _evidence(
    post_id: str, words: Words, how: Circumstances, known_by: str | None, now: datetime
) -> Evidence:
    return evidence.gather(
        words.body,
        post_id=post_id,
        now=now,
        form_token=how.form_token,
        honeypot=how.honeypot,
        known_by=known_by,
        name=words.author_name,
        email=words.author_email,
        url=words.author_url,
        network=contact.network_of(how.address),
    )


def judged(found: Evidence) -> dict[str, Any]:
    """What the checks say of a comment, and what moderators need because of it."""
    return {
        "verdicts": screening.judge(found),
        "flag": found.urgent[0] if found.urgent else None,
        "redacted": redacted_of(found),
        "said": evidence.said(found.body),
    }


def redacted_of(found: Evidence) -> dict[str, str] | None:
    """The comment without personal data, as `{"source", "html", "text"}`; None if it has none."""
    source, kinds = found.without_personal_data
    return asdict(content.render_comment(source)) | {"source": source} if kinds else None
