"""What the public text of a post was, and how it changed: each text beside the one before it.

What an editor took out is a date and a reason. The texts around it are compared with each other,
so that no line of a difference shows what only stood there.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    case,
    false,
    func,
    select,
    true,
    union_all,
)

from cms import content
from cms.models import Kind, Publication, Redaction, past_text_id
from cms.models.base import UtcDateTime
from cms.reading import Row
from cms.services import cursors
from cms.services.cursors import Page
from cms.services.delivery import posts, statements
from cms.services.delivery.moment import Moment
from cms.services.published import NOW
from cms.services.sql_plans import unindexed
from cms.times import FOREVER, format_time

# Characters of a body beyond which it is not read to be compared.
LONGEST_BODY = 200_000
TOO_LONG = "This text is too long to compare.\n"

POST = bindparam("post", type_=String())
BEFORE = bindparam("before", type_=UtcDateTime())
LIMIT = bindparam("limit", type_=Integer())
BODY = case((func.length(Publication.body_markdown) <= LONGEST_BODY, Publication.body_markdown))
COLUMNS = [Publication.id, Publication.visible_from, Publication.correction_note, Redaction.reason]
COLUMNS += [Publication.revision, Publication.summary, Publication.details, BODY]
VISIBLE_FROM, REASON, REVISION, SUMMARY, DETAILS, MARKDOWN = 1, 3, 4, 5, 6, 7


def find(moment: Moment, slug: str, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of the texts of a public post, newest first. Raises Moved, NotFound, Malformed."""
    row = moment.row(statements.post_and_thread(), slug=slug)
    if row is None:
        raise posts.gone_or_moved(moment, Kind.POST, slug)
    post_id = row[0]
    scope = cursors.scope("history", {"post": post_id, "locale": moment.locale})
    before = cursors.decode(scope, cursor)[0] if cursor else format_time(FOREVER)
    found = moment.rows(texts(), post=post_id, before=before, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    oldest = _base(moment, post_id, page) if more else None
    return Page(
        _compared(post_id, page, oldest),
        cursors.encode(scope, [_time(page[-1])]) if more else None,
        moment.rows(count(), post=post_id)[0][0] if total else None,
    )


@cache
def texts(*, shown: bool = False) -> Select[Any]:
    """What began before `:before`, the latest first; `shown`: nothing that was taken out."""
    # The past and the present stand apart in the index: each is entered by itself.
    parts = [_part(past, shown=shown).subquery() for past in (true(), false())]
    found = union_all(*(select(part.c.id) for part in parts)).subquery()
    query = select(*COLUMNS).join(found, found.c.id == Publication.id)
    query = query.outerjoin(Redaction, Redaction.publication_id == Publication.id)
    return query.order_by(Publication.visible_from.desc()).limit(LIMIT)


@cache
def count() -> Select[Any]:
    return select(func.count()).where(Publication.entry_id == POST, Publication.visible_from <= NOW)


def _part(past: ColumnElement[bool], *, shown: bool) -> Select[Any]:
    row = Publication
    query = select(row.id).where(row.entry_id == POST, row.past == past)
    # What waits has not begun, and is nobody's business.
    query = query.where(row.visible_from < BEFORE, unindexed(row.visible_from) <= NOW)
    if shown:
        query = query.outerjoin(Redaction, Redaction.publication_id == row.id)
        query = query.where(Redaction.publication_id.is_(None))
    return query.order_by(row.visible_from.desc()).limit(LIMIT)


def _base(moment: Moment, post_id: str, page: Sequence[Row]) -> Row | None:
    """What the last text of a page is compared with."""
    before = _time(page[-1])
    return moment.row(texts(shown=True), post=post_id, before=before, limit=1)


def _compared(post_id: str, page: Sequence[Row], base: Row | None) -> list[dict[str, Any]]:
    found = []
    for row in reversed(page):
        found.append(_entry(post_id, row, base))
        base = base if _is_taken_out(row) else row
    return found[::-1]


def _entry(post_id: str, row: Row, base: Row | None) -> dict[str, Any]:
    known = {"id": past_text_id(post_id, row[0]), "published_at": _time(row)}
    if _is_taken_out(row):
        return known | {"redacted": True, "reason": row[REASON]}
    changes = _changes(base, row) if base else {}
    return known | {"redacted": False, "correction_note": row[2], "changes": changes}


def _changes(before: Row, after: Row) -> dict[str, str]:
    """The fields that differ, each as a unified diff."""
    old, new = _fields(before), _fields(after)
    found = {name: content.unified(old[name], new[name]) for name in old}
    found["body"] = _change_of_body(before, after)
    return {name: difference for name, difference in found.items() if difference}


def _change_of_body(before: Row, after: Row) -> str:
    if before[REVISION] == after[REVISION]:
        return ""
    if before[MARKDOWN] is None or after[MARKDOWN] is None:
        return TOO_LONG
    # The line end that closes a text is of no interest.
    return content.unified(before[MARKDOWN].rstrip("\n"), after[MARKDOWN].rstrip("\n"))


def _fields(row: Row) -> dict[str, str]:
    summary, sources = orjson.loads(row[SUMMARY]), orjson.loads(row[DETAILS])["sources"]
    return {
        "title": summary["title"],
        "excerpt": summary["excerpt"],
        "body": "",
        "sources": "\n".join(map(_line, sources)),
    }


def _line(source: dict[str, Any]) -> str:
    """A source on one line, whatever it has."""
    return ". ".join(str(part) for part in source.values() if part is not None)


def _is_taken_out(row: Row) -> bool:
    return row[REASON] is not None


def _time(row: Row) -> str:
    moment = row[VISIBLE_FROM]
    return format_time(moment) if isinstance(moment, datetime) else moment
