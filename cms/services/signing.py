"""Values that go out and come back: keyed with the site's secret, so nobody else can make one."""

import base64
import hmac

from flask import current_app


def digest(purpose: str, *parts: str) -> str:
    """64 hex digits that only this site can compute; each purpose has its own."""
    return _digest(purpose, *parts).hex()


def short_digest(purpose: str, *parts: str) -> str:
    """22 characters that are safe in a URL (128 bits)."""
    return base64.urlsafe_b64encode(_digest(purpose, *parts)[:16]).decode().rstrip("=")


def _digest(*parts: str) -> bytes:
    # A length before each part: ("ab", "c") and ("a", "bc") must not meet.
    message = "".join([f"{len(part)}:{part}" for part in parts])
    return hmac.digest(current_app.config["SIGNING_KEY"], message.encode(), "sha256")


def matches(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())
