"""How bodies are taken in, by address: how long they may be and take, and whose they must be.

A place for a body is somebody else's who waits for one, so nobody has it for longer than the body
is worth, and nobody for what would be refused unread.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from cms.config import Config
from cms.permissions import Action

Environ = dict[str, Any]

# What strangers send is a form. The longest comment fits, with every letter escaped.
MOST_FROM_STRANGERS = 64_000
# The longest password fits, with every letter escaped.
MOST_TO_SIGN_IN = 16_000
# Beside its file, an upload has a few fields.
ROOM_FOR_FIELDS = 100_000

EDITORS_ONLY, SIGNING_IN = "/api/v1/manage/", "/api/v1/auth/"
# By which somebody comes in, who is a stranger until then.
OPEN = tuple(SIGNING_IN + one for one in ("login", "password-reset", "comment-links/"))


def most_of_upload(config: Config) -> int:
    """The longest body with a file in it."""
    return config.media_max_bytes + ROOM_FOR_FIELDS


def _most_of_editors(config: Config) -> int:
    return config.max_body_bytes


def _up_to(most: int) -> Callable[[Config], int]:
    return lambda config: min(config.max_body_bytes, most)


class Kind(NamedTuple):
    """`most` are bytes. Where strangers are none, who may not do `action` is not waited for."""

    most: Callable[[Config], int]
    seconds: float
    of_strangers: bool = False
    is_file: bool = False
    action: Action | None = None


# 2 MB at 1.6 Mbit/s.
EDITORS = Kind(_most_of_editors, 10.0)
STRANGERS = Kind(_up_to(MOST_FROM_STRANGERS), 10.0, of_strangers=True)
# As long as all others: whoever is cut off sooner may take along another body of the same address.
STRANGERS_SIGNING_IN = Kind(_up_to(MOST_TO_SIGN_IN), 10.0, of_strangers=True)
SIGNED_IN = STRANGERS_SIGNING_IN._replace(of_strangers=False)
# The largest file at 0.5 Mbit/s.
FILES = Kind(most_of_upload, 320.0, is_file=True)
# The routes that take files, under limits of their own.
UPLOADS = {
    ("POST", "/api/v1/manage/media"): FILES._replace(action=Action.MEDIA_CREATE),
    ("POST", "/api/v1/manage/comments/import"): FILES._replace(action=Action.COMMENT_ARCHIVE),
}


def kind_of(environ: Environ) -> Kind:
    # As Flask will read it: any number of slashes at the start is one.
    path = "/" + environ.get("PATH_INFO", "").lstrip("/")
    upload = UPLOADS.get((environ.get("REQUEST_METHOD", ""), path))
    rows = [
        (path.startswith(EDITORS_ONLY), EDITORS),
        (path.startswith(OPEN), STRANGERS_SIGNING_IN),
        (path.startswith(SIGNING_IN), SIGNED_IN),
    ]
    return upload or next((kind for holds, kind in rows if holds), STRANGERS)


def most_bytes(environ: Environ, config: Config) -> int:
    """How long a body may be at this address: only people who are signed in write long texts."""
    return kind_of(environ).most(config)
