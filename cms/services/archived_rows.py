"""The row that a comment of a file gets here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from cms.extensions import db
from cms.importers.comment_records import CommentRecord
from cms.models import CommentStatus, ConsentText
from cms.services import comment_texts, emptying, evidence

# Such wordings are of other sites: no form shows them.
NO_LOCALE = ""


@dataclass(frozen=True)
class Worded:
    """A comment of a file, and its words as they are kept; none of a withdrawn one."""

    record: CommentRecord
    words: Mapping[str, Any]


def worded(one: CommentRecord) -> Worded:
    """Make its words ready. Asks the database nothing."""
    if one.withdrawn_at is not None:
        return Worded(one, {})
    words = comment_texts.rendered(one.body)
    return Worded(one, {**words, "said": evidence.said(words["html"], words["text"])})


def row(post_id: str, one: Worded) -> dict[str, Any]:
    """The values of its row, but for its place."""
    record = one.record
    is_there = record.withdrawn_at is None
    said = _said(post_id, one) if is_there else emptying.values(record.id, record.withdrawn_at)
    kept = {name: getattr(record, name) for name in ("id", "is_staff", "created_at", "updated_at")}
    return kept | {"post_id": post_id} | said


def _said(post_id: str, one: Worded) -> dict[str, Any]:
    record = one.record
    who = (record.author_email, record.network)
    return {
        "status": CommentStatus(record.status),
        "name": record.author_name,
        "email": record.author_email,
        "url": record.author_url,
        "network": record.network,
        "user_agent": record.user_agent,
        "note": record.note,
        "flag": record.flag,
        "edited_at": record.edited_at,
        "consent_id": _consent(record),
        "verdicts": [],
        "fingerprint": comment_texts.fingerprint(post_id, *who, record.body),
        **one.words,
    }


def _consent(one: CommentRecord) -> str | None:
    if not one.consent:
        return None
    same = select(ConsentText.id).where(ConsentText.text == one.consent).limit(1)
    found = db.session.scalar(same)
    if found is None:
        kept = ConsentText(locale=NO_LOCALE, text=one.consent, created_at=one.created_at)
        db.session.add(kept)
        db.session.flush()
        found = kept.id
    return found
