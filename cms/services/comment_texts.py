"""What is kept of a comment's words."""

from dataclasses import asdict

from cms import content
from cms.services import signing
from cms.services.checks import personal


def text_of(post_id: str, email: str, network: str | None, body: str) -> dict[str, str]:
    """As columns: whoever's words they are by email and network."""
    rendered = content.render_comment(body)
    # Other capitals or spaces do not make other words.
    said = " ".join(body.casefold().split())
    return {
        "source": body,
        "html": rendered.html,
        "text": rendered.text,
        # The network is part of it: else a stranger could try which address wrote a comment.
        "fingerprint": signing.digest("comment", post_id, email, network or "", said),
    }


def redacted(source: str, text: str) -> dict[str, str] | None:
    """A version without personal data, made ready to take the place of the text.

    Where markup hides some, it is the bare text; None where some would be left all the same.
    """
    for safe in (personal.without(source)[0], content.comment_source(personal.without(text)[0])):
        shown = content.render_comment(safe)
        if not personal.kinds_in(shown.text, *content.comment_links(shown.html)):
            return asdict(shown) | {"source": safe}
    return None
