"""Values that go out and come back: keyed with the site's secret, so nobody else can make one."""

import base64
import hmac

from flask import current_app


def digest(purpose: str, *parts: str) -> str:
    """64 hex digits that only this site can compute; each purpose has its own."""
    # A length before each part: ("ab", "c") and ("a", "bc") must not meet.
    message = "".join(f"{len(part)}:{part}" for part in (purpose, *parts))
    return hmac.digest(current_app.config["SIGNING_KEY"], message.encode(), "sha256").hex()


def short_digest(purpose: str, *parts: str) -> str:
    """22 characters that are safe in a URL (128 bits)."""
    raw = bytes.fromhex(digest(purpose, *parts))[:16]
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def matches(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())
