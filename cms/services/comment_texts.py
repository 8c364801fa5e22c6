"""What is kept of a comment's words."""

from dataclasses import asdict

from cms import content
from cms.services import signing


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


def redacted(source: str) -> dict[str, str]:
    """A version without personal data, made ready to take the place of the text."""
    return asdict(content.render_comment(source)) | {"source": source}
