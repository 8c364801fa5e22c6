"""The form that a frontend shows, and the token that tells when somebody was given it."""

import re
from datetime import datetime, timedelta
from typing import Any

from cms.services import signing
from cms.services.form_words import FALLBACK, in_language
from cms.times import EPOCH, MILLISECOND, milliseconds_of, parse_time

LONGEST = {"author_name": 80, "author_email": 254, "author_url": 500, "body": 5000}
FIELDS = [
    {"name": "author_name", "type": "text", "required": True},
    {"name": "author_email", "type": "email", "required": True},
    {"name": "author_url", "type": "url", "required": False},
    {"name": "body", "type": "textarea", "required": True},
]
# A field that people do not see, and that browsers do not fill in by themselves.
HONEYPOT = "subject"

YOUNGEST, OLDEST = timedelta(seconds=2), timedelta(hours=24)
TOKEN = re.compile(r"([0-9]{1,15})\.([A-Za-z0-9_-]{22})", re.ASCII)


def form(
    post_id: str, *, is_open: bool, now: str, locale: str = FALLBACK, consent: str | None = None
) -> dict[str, Any]:
    """`{"open", "title", "notice", "consent", "fields", "honeypot", "form_token"}` for one post."""
    words = in_language(locale)
    return {
        "open": is_open,
        "title": words["title"],
        "notice": words["notice"],
        "consent": consent,
        "fields": [_field(one, words) for one in FIELDS],
        "honeypot": HONEYPOT,
        "form_token": make_token(post_id, parse_time(now)),
    }


def _field(field: dict[str, Any], words: dict[str, str]) -> dict[str, Any]:
    name = field["name"]
    return field | {"label": words[name], "max_length": LONGEST[name]}


def make_token(post_id: str, now: datetime) -> str:
    made = str(milliseconds_of(now))
    return f"{made}.{_signature(post_id, made)}"


def fault_of(token: str | None, post_id: str, now: datetime) -> str | None:
    """What is wrong with a form token, in words for a moderator; None if nothing is."""
    if not token:
        return "The form was sent without its token."
    made = made_at(token, post_id)
    if made is None:
        return "The form's token is not one of this post."
    # A clock that was set back makes a token young: it is held, like one that was too fast.
    age = now - made
    if age < YOUNGEST:
        return "The form was sent within two seconds."
    return "The form is more than a day old." if age > OLDEST else None


def made_at(token: str | None, post_id: str) -> datetime | None:
    """When somebody was given this token; None if nobody was given it for this post."""
    match = TOKEN.fullmatch(token or "")
    if match is None or not signing.matches(match[2], _signature(post_id, match[1])):
        return None
    return EPOCH + int(match[1]) * MILLISECOND


def _signature(post_id: str, made: str) -> str:
    return signing.short_digest("comment-form", post_id, made)
