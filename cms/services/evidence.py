"""What the checks are told of a comment, put together from the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, func, select

from cms.content import comment_links
from cms.models import Comment, Thread
from cms.reading import reader
from cms.services import comment_rules, learning, signing
from cms.services.checks.evidence import Evidence
from cms.services.checks.rules import Rules
from cms.services.checks.wording import words_of
from cms.services.sql import time_text
from cms.times import parse_time

# Fewer words are said by many who mean well: "Thank you very much!"
LONG_ENOUGH = 6
# A few tell as much as all.
SAME = select(func.count()).select_from(
    select(Comment.id)
    .where(Comment.said == bindparam("said", type_=String()))
    .where(Comment.id != bindparam("itself", type_=String()))
    .limit(10)
    .subquery()
)
FIRST_SHOWN = select(time_text(Thread.first_shown)).where(
    Thread.post_id == bindparam("of", type_=String())
)


def gather(text: Mapping[str, str], **given: Any) -> Evidence:
    """Evidence of one comment, by the site's rules and by what is known now.

    `text` is its `source`, `html` and `text`; `given` is what came along.
    """
    by = comment_rules.current()
    return _by(
        by,
        text,
        said_before=_said_before(said(text["html"], text["text"]), given.pop("itself", None)),
        spam_score=learning.score(text["html"], text["text"], by.said["learn_from"]),
        **given,
    )


def of_edit(comment: Comment, text: Mapping[str, str], now: datetime, **more: Any) -> Evidence:
    """Evidence of other words for a comment; `more` is better known than what was kept."""
    return gather(text, itself=comment.id, now=now, **(_kept(comment) | more))


def of_then(comment: Comment, by: Rules, **facts: Any) -> Evidence:
    """Evidence of a comment as it came, by these rules and `facts`. Nothing else is asked."""
    text = {name: getattr(comment, name) for name in ("source", "html", "text")}
    return _by(by, text, now=comment.created_at, **(_kept(comment) | facts))


def _kept(comment: Comment) -> dict[str, Any]:
    """What is known of a comment besides its words; what came with its form is not kept."""
    names = ("post_id", "known_by", "name", "email", "url", "network")
    known = {name: getattr(comment, name) for name in names}
    return known | {"form_token": None, "honeypot": None}


def _by(by: Rules, text: Mapping[str, str], **given: Any) -> Evidence:
    return Evidence(
        body=text["source"],
        html=text["html"],
        text=text["text"],
        rules=by,
        published_at=_published_at(given["post_id"], by),
        **given,
    )


def said(html: str, text: str) -> str | None:
    """What tells that readers see the same of two comments, whatever their markup.

    Where they see little, it is told by where that leads. None for what is too short to tell.
    """
    words = words_of(text)
    if len(words) < LONG_ENOUGH:
        words += words_of("\n".join(comment_links(html)))
    return signing.digest("said", " ".join(words)) if len(words) >= LONG_ENOUGH else None


def _said_before(digest: str | None, itself: str | None) -> int:
    if digest is None:
        return 0
    return reader().row(SAME, {"said": digest, "itself": itself or ""})[0]


def _published_at(post_id: str, by: Rules) -> datetime | None:
    if not by.said["close_after_days"]:
        return None
    found = reader().row(FIRST_SHOWN, {"of": post_id})
    return parse_time(found[0]) if found and found[0] else None
