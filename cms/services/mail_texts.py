"""What mail says: plain text, in our words. Readers' words are quoted, and link nowhere."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cms.actor import Actor
from cms.extensions import db
from cms.models import (
    ONLY,
    Comment,
    CommentMail,
    CommentStatus,
    Mail,
    MailKind,
    Post,
    SiteSettings,
    User,
)
from cms.permissions import Action, allows
from cms.services import audit, emails, mail_links

# How much of a comment is quoted. The rest is read where it is moderated.
MOST_QUOTED = 600
# What mail programs make a link of, though nobody wrote one. What stands in its place can still
# be read, and is still told apart from a full stop.
LINKING = [
    # Whatever stands around a dot: hosts hold signs that are no letters. No host has two in a row.
    (re.compile(r"(?<=[^\s.])[.\u3002\uff0e\uff61](?=[^\s.])"), "[.]"),
    (re.compile(r":(?=//)"), "[:]"),
    (re.compile(r"[@\uff20]"), "[at]"),
    # No link, but worse: words that a header would decode, line ends and all.
    (re.compile(r"=(?=\?)"), "= "),
    (re.compile(r"(?i)\b(mailto|tel|sms|data|javascript):"), r"\1[:]"),
]
# What each of these would do, as its link says.
MOVES = {
    "approve": CommentStatus.APPROVED,
    "spam": CommentStatus.SPAM,
    "trash": CommentStatus.TRASHED,
}


class Unwanted(Exception):
    """There is nothing to say any more, or not to this person."""


def message(mail: Mail, user: User, now: datetime) -> EmailMessage:
    """A mail, ready to be sent. Raises Unwanted. Writes the links in it."""
    config, site = current_app.config["CMS"], _site_name()
    subject, text = TEXTS[mail.kind](mail, user, now)
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = config.mail_from, emails.for_head(user.email)
    made["Subject"] = f"[{site}] {subject}"
    # The same at every attempt, so that a mail that comes twice can be told.
    made["Message-ID"] = f"<{mail.id}@{config.mail_from.rpartition('@')[2]}>"
    made["Date"] = format_datetime(mail.created_at)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, cte="quoted-printable")
    return made


def one_line(text: str) -> str:
    """Text without line ends, control and invisible characters, that nothing links from."""
    shown = "".join(one if unicodedata.category(one)[0] != "C" else " " for one in text)
    plain = " ".join(shown.split())
    for pattern, instead in LINKING:
        plain = pattern.sub(instead, plain)
    return plain


def quoted(text: str) -> str:
    """Somebody's words, each line marked, so that none can pass for ours."""
    cut = text if len(text) <= MOST_QUOTED else text[:MOST_QUOTED] + " …"
    return "\n".join(f"> {one_line(line)}".rstrip() for line in cut.splitlines())


def actor_of(user: User, via: str) -> Actor:
    return Actor(user_id=user.id, role=user.role, name=user.name, email=user.email, via=via)


def _site_name() -> str:
    said = db.session.scalar(select(SiteSettings.name).filter_by(id=ONLY))
    return one_line(said or current_app.config["CMS"].site_name)


def _password_reset(mail: Mail, user: User, now: datetime) -> tuple[str, str]:
    if now >= mail.created_at + mail_links.RESET_LASTS:
        raise Unwanted
    config = current_app.config["CMS"]
    url = config.reset_url or config.site_url.rstrip("/") + "/password-reset/{token}"
    link = url.replace("{token}", mail_links.for_password(mail))
    if mail.attempts == 1:
        audit.record(actor_of(user, "worker"), "password_reset.mailed", user.id, now)
    return "A new password", (
        "Somebody, most likely you, asked for a new password for your account.\n"
        f"Choose one here within an hour:\n\n{link}\n\n"
        "If it was not you, do nothing: your password stays as it is.\n"
    )


def _comments(mail: Mail, user: User, now: datetime) -> tuple[str, str]:
    wants = user.comment_mail not in (None, CommentMail.NEVER)
    found = _pending(mail.about["ids"])
    if not (found and wants and allows(actor_of(user, "worker"), Action.COMMENT_MODERATE)):
        raise Unwanted
    number = len(found) + mail.about["more"]
    waits = "1 comment waits" if number == 1 else f"{number} comments wait"
    parts = [f"{waits} for a moderator.\n", *(_comment(mail, one, now) for one in found)]
    if mail.about["more"]:
        parts.append(f"{mail.about['more']} more are in the queue.\n")
    parts.append(
        "Opening a link changes nothing: it asks first. Each comment can be decided once from\n"
        f"here, within {mail_links.COMMENT_LASTS.days} days, and as long as it reads as above.\n"
    )
    return waits, "\n".join(parts)


def _pending(ids: Iterable[str]) -> list[Comment]:
    query = select(Comment).options(joinedload(Comment.post).load_only(Post.title))
    waiting = query.where(Comment.id.in_(ids), Comment.status == CommentStatus.PENDING)
    return list(db.session.scalars(waiting.order_by(Comment.id)))


def _comment(mail: Mail, comment: Comment, now: datetime) -> str:
    token = mail_links.for_comment(mail, comment, now)
    base = f"{current_app.config['CMS'].api_url}/api/v1/auth/comment-links/{token}"
    links = "\n".join(f"{verb.capitalize() + ':':9}{base}/{verb}" for verb in MOVES)
    urgent = f"Marked as urgent: {comment.flag}\n" if comment.flag else ""
    about = f"On: {one_line(comment.post.title)}\n{urgent}"
    return f"{about}\n{quoted(comment.name)}\n>\n{quoted(comment.source)}\n\n{links}\n"


def _review(mail: Mail, user: User, now: datetime) -> tuple[str, str]:
    if not user.review_mail or not allows(actor_of(user, "worker"), Action.ENTRY_PUBLISH):
        raise Unwanted
    due = select(Post).where(Post.id.in_(mail.about["ids"]), Post.review_due_on <= now.date())
    posts = db.session.scalars(due.where(Post.trashed_at.is_(None)).order_by(Post.review_due_on))
    lines = [f"- {one.review_due_on}: {one_line(one.title)}" for one in posts]
    if not lines:
        raise Unwanted
    if mail.about["more"]:
        lines.append(f"- and {mail.about['more']} more")
    return "Reviews are due", "These posts are due for another review:\n\n" + "\n".join(
        lines
    ) + "\n"


TEXTS: dict[MailKind, Callable[[Mail, User, datetime], tuple[str, str]]] = {
    MailKind.PASSWORD_RESET: _password_reset,
    MailKind.COMMENTS: _comments,
    MailKind.REVIEW: _review,
}
