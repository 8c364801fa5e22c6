"""The secret by which its writer proves that a comment is theirs. It is not stored.

It names its comment, so that it says by itself what it is a receipt of.
"""

import base64
import re
from uuid import UUID

from cms.services import signing

START = "cms_r_"
RECEIPT = re.compile(START + r"([A-Za-z0-9_-]{22})[A-Za-z0-9_-]{22}", re.ASCII)


def of(comment_id: str) -> str:
    named = base64.urlsafe_b64encode(UUID(comment_id).bytes).decode().rstrip("=")
    return START + named + signing.short_digest("receipt", comment_id)


def proves(receipt: str, comment_id: str) -> bool:
    return signing.matches(receipt, of(comment_id))


def comment_id_of(receipt: str | None) -> str | None:
    """The id of the comment that this is a receipt of; None if it is none of ours."""
    match = RECEIPT.fullmatch(receipt or "")
    if match is None:
        return None
    comment_id = str(UUID(bytes=base64.urlsafe_b64decode(match[1] + "==")))
    return comment_id if proves(receipt or "", comment_id) else None
