"""What a reader sends, and what the checks say of it, before anything is written.

What needs no lock is done here: others wait for SQLite's only write lock.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, select

from cms.models import Comment, CommentStatus
from cms.reading import reader
from cms.services import (
    comment_form,
    comment_texts,
    consents,
    contact,
    evidence,
    receipts,
    screening,
)
from cms.services.checks.evidence import Evidence
from cms.services.delivery.comments import PublicThread
from cms.services.delivery.moment import Moment
from cms.times import parse_time

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
    post_id, now, who = thread.post_id, parse_time(moment.now), _who(words, how)
    text = comment_texts.text_of(post_id, who["email"], who["network"], words.body)
    form = {"form_token": how.form_token, "honeypot": how.honeypot}
    found = evidence.gather(text, post_id=post_id, now=now, **who, **form)
    row = {
        "post_id": post_id,
        "user_agent": contact.clean_agent(how.user_agent),
        "consent_id": _consent_at(moment, thread, how, now),
        **who,
        **text,
        **_judged(found),
    }
    return Screened(post_id=post_id, words=words, how=how, row=row)


def _who(words: Words, how: Circumstances) -> dict[str, Any]:
    """What is known of its writer, as columns and as the checks ask for it."""
    return {
        "name": words.author_name,
        "email": words.author_email,
        "url": words.author_url,
        "network": contact.network_of(how.address),
        "known_by": vouched_by(receipts.comment_id_of(how.receipt), words.author_email),
    }


def vouched_by(comment_id: str | None, email: str) -> str | None:
    """This comment, as long as it is approved and of this email. Any other tells nothing."""
    earlier = reader().row(WHOSE, {"of": comment_id}) if comment_id else None
    is_theirs = earlier is not None and earlier[0] == email
    return comment_id if is_theirs and earlier[1] == CommentStatus.APPROVED else None


def redacted_of(found: Evidence) -> dict[str, str] | None:
    """The comment without personal data, as `{"source", "html", "text"}`; None if it has none.

    None, too, where not all of it can be taken out.
    """
    return comment_texts.redacted(found.body, found.text) if found.personal_data else None


def _consent_at(
    moment: Moment, thread: PublicThread, how: Circumstances, now: datetime
) -> str | None:
    locales = (moment.locale, moment.config.default_locale)
    shown_at = comment_form.made_at(how.form_token, thread.post_id) or now
    return consents.id_at(locales, min(shown_at, now))


def _judged(found: Evidence) -> dict[str, Any]:
    """What the checks say of a comment, and what moderators need because of it."""
    return {
        "verdicts": screening.judge(found),
        "flag": found.urgent[0] if found.urgent else None,
        "redacted": redacted_of(found),
        "said": evidence.said(found.html, found.text),
    }
