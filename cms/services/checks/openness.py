"""Whether rules take comments on a post, of the site or proposed: what one who sends it is told.

What readers are shown is asked by `services.closing`, of the rules that hold.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any


def closed_because(said: Mapping[str, Any], first_shown: datetime | None, now: datetime) -> str:
    """Why the rules take none, in words for a moderator; empty where they do.

    `first_shown` is when the post was first visible, and is looked at only where age counts.
    """
    if said["closed"]:
        return "Comments are closed on the whole site."
    days = said["close_after_days"]
    if days and first_shown and first_shown + timedelta(days) <= now:
        return f"Comments close {days} days after a post is published."
    return ""
