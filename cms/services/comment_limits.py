"""How many comments are taken, and from whom, by the rules of the site."""

from datetime import timedelta

from cms.services import comment_rules, contact, limits
from cms.services.limits import Limit

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# As the rules name them, the narrowest first.
WINDOWS = {
    "address_minute": MINUTE,
    "address_hour": HOUR,
    "network_minute": MINUTE,
    "network_hour": HOUR,
    "post_minute": MINUTE,
    "site_minute": MINUTE,
}


def of(address: str, post_id: str | None = None) -> list[Limit]:
    """The limits on what comes from an address: a comment on a post, or an edit by receipt."""
    most = comment_rules.current().said["limits"]
    subjects = {
        "address": limits.subject_of_address(address),
        "network": contact.network_of(address) or address,
        "post": post_id,
        "site": "all",
    }
    named = [(name, subjects[name.partition("_")[0]]) for name in WINDOWS]
    return [
        Limit(f"comment.{name}", subject, most[name], WINDOWS[name])
        for name, subject in named
        if subject is not None and most[name] is not None
    ]
