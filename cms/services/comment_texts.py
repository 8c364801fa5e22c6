"""What is kept of a comment's words."""

from dataclasses import asdict

from cms import content
from cms.services import signing
from cms.services.checks import personal


def text_of(post_id: str, email: str, network: str | None, body: str) -> dict[str, str]:
    """As columns: whoever's words they are by email and network."""
    return rendered(body) | {"fingerprint": fingerprint(post_id, email, network, body)}


def rendered(body: str) -> dict[str, str]:
    """The columns that depend on the words alone."""
    return asdict(content.render_comment(body)) | {"source": body}


def fingerprint(post_id: str, email: str, network: str | None, body: str) -> str:
    """Two comments of a post have the same where the same writer says the same."""
    # Other capitals or spaces do not make other words.
    said = " ".join(body.casefold().split())
    # The network is part of it: else a stranger could try which address wrote a comment.
    return signing.digest("comment", post_id, email, network or "", said)


def redacted(source: str, text: str) -> dict[str, str] | None:
    """A version without personal data, made ready to take the place of the text.

    Where markup hides some, it is the bare text; None where some would be left all the same.
    """
    for safe in (personal.without(source)[0], content.comment_source(personal.without(text)[0])):
        shown = content.render_comment(safe)
        if not personal.kinds_in(shown.text, *content.comment_links(shown.html)):
            return asdict(shown) | {"source": safe}
    return None
