"""Sessions of signed-in browsers, kept on the server."""

from cms.actor import Actor


def actor(secret: str) -> Actor | None:
    return None
