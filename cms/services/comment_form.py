"""The form that a frontend shows, and the token that tells when somebody was given it."""

import re
from datetime import datetime, timedelta
from typing import Any

from cms.services import signing
from cms.times import parse_time

TITLE = "Leave a Reply"
NOTICE = "Your email address will not be published. Required fields are marked *"
LONGEST = {"author_name": 80, "author_email": 254, "author_url": 500, "body": 5000}
FIELDS = [
    {"name": "author_name", "label": "Name", "type": "text", "required": True},
    {"name": "author_email", "label": "Email", "type": "email", "required": True},
    {"name": "author_url", "label": "Website", "type": "url", "required": False},
    {"name": "body", "label": "Comment", "type": "textarea", "required": True},
]
# A field that people do not see, and that browsers do not fill in by themselves.
HONEYPOT = "subject"

YOUNGEST, OLDEST = timedelta(seconds=2), timedelta(hours=24)
TOKEN = re.compile(r"([0-9]{1,15})\.([A-Za-z0-9_-]{22})", re.ASCII)


def form(post_id: str, *, is_open: bool, now: str) -> dict[str, Any]:
    """`{"open", "title", "notice", "fields", "honeypot", "form_token"}` for one post."""
    return {
        "open": is_open,
        "title": TITLE,
        "notice": NOTICE,
        "fields": [field | {"max_length": LONGEST[field["name"]]} for field in FIELDS],
        "honeypot": HONEYPOT,
        "form_token": make_token(post_id, parse_time(now)),
    }


def make_token(post_id: str, now: datetime) -> str:
    made = str(_milliseconds(now))
    return f"{made}.{_signature(post_id, made)}"


def fault_of(token: str | None, post_id: str, now: datetime) -> str | None:
    """What is wrong with a form token, in words for a moderator; None if nothing is."""
    if not token:
        return "The form was sent without its token."
    match = TOKEN.fullmatch(token)
    if match is None or not signing.matches(match[2], _signature(post_id, match[1])):
        return "The form's token is not one of this post."
    # A clock that was set back makes a token young: it is held, like one that was too fast.
    age = timedelta(milliseconds=_milliseconds(now) - int(match[1]))
    if age < YOUNGEST:
        return "The form was sent within two seconds."
    return "The form is more than a day old." if age > OLDEST else None


def _signature(post_id: str, made: str) -> str:
    return signing.short_digest("comment-form", post_id, made)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
