"""What an archive says of a comment, cleaned as what readers send is. Pure."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from cms.errors import Invalid
from cms.importers.comment_records import CommentRecord
from cms.models import CommentStatus
from cms.services import contact
from cms.services.comment_form import LONGEST
from cms.services.storable import FORBIDDEN

LONGEST_NOTE, LONGEST_CONSENT = 500, 10_000
LONGEST_SLUG, LONGEST_LOCALE = 200, 16


def cleaned(record: CommentRecord) -> CommentRecord:
    """As it will be kept. Raises Invalid, naming the comment and the field."""
    checks = WITHDRAWN if record.withdrawn_at else WRITTEN
    return replace(record, **{name: _clean(record, name, check) for name, check in checks.items()})


def _clean(record: CommentRecord, name: str, check: Callable[[Any], Any]) -> Any:
    value = getattr(record, name)
    if value is None or (name == "author_email" and record.is_staff and not value):
        return value
    try:
        return check(_storable(value))
    except ValueError as error:
        detail = f"Comment {record.id}: {name}: {error}"
        raise Invalid("/file", detail, reason="archive_invalid") from None


def _storable(value: str) -> str:
    found = FORBIDDEN.search(value)
    if found is not None:
        raise ValueError(f"holds a control character (U+{ord(found[0]):04X})")
    return value


def _at_most(length: int, check: Callable[[str], str | None]) -> Callable[[str], str | None]:
    def short(value: str) -> str | None:
        kept = check(value)
        if len(kept or "") > length:
            raise ValueError(f"has more than {length} characters")
        return kept

    return short


def _as_it_is(value: str) -> str | None:
    return value or None


def _network(value: str) -> str | None:
    # Cut again: an archive of another program may hold whole addresses.
    return contact.network_of(str(ip_network(value, strict=False).network_address))


def _trashed(value: str) -> str:
    if value != CommentStatus.TRASHED:
        raise ValueError("is trashed wherever withdrawn_at says when")
    return value


PLACED: dict[str, Callable[[Any], Any]] = {
    "post_slug": _at_most(LONGEST_SLUG, _as_it_is),
    "post_locale": _at_most(LONGEST_LOCALE, _as_it_is),
}
WRITTEN: dict[str, Callable[[Any], Any]] = PLACED | {
    "author_name": _at_most(LONGEST["author_name"], contact.clean_name),
    "author_email": _at_most(LONGEST["author_email"], contact.clean_email),
    "author_url": _at_most(LONGEST["author_url"], contact.clean_url),
    "body": _at_most(LONGEST["body"], contact.clean_words),
    "network": _network,
    "user_agent": contact.clean_agent,
    "note": _at_most(LONGEST_NOTE, _as_it_is),
    "consent": _at_most(LONGEST_CONSENT, _as_it_is),
}
WITHDRAWN: dict[str, Callable[[Any], Any]] = PLACED | {"status": _trashed}
