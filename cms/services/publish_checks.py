"""What is looked at before readers see an entry: an ordered list of small checks.

A fault refuses; a warning is said, and published all the same. Every finding is reported at once.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from sqlalchemy import select

from cms.errors import Conflict
from cms.extensions import db
from cms.models import Entry, Kind, Publication, Target
from cms.services import body_links, reviews, slugs, sources
from cms.services.contact import is_blank
from cms.services.media_alts import missing_alts
from cms.services.published import not_past

FAULT, WARNING = "fault", "warning"
NAMED = {Target.POST: "post", Target.MEDIA: "file"}
NOWHERE = {Target.POST: "to nothing that is public", Target.MEDIA: "to nothing that is there"}
# What only stands around what is seen.
MARKS = re.compile(r"</?(?!img\b|hr\b)[a-z][^>]*>")
Found = Iterator[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`level` is `fault` or `warning`; `pointer` names the field as the API does."""

    check: str
    level: str
    pointer: str
    detail: str


@dataclass(frozen=True)
class Check:
    """Given an entry, and the moment from which it would be public, finds (pointer, detail)."""

    name: str
    level: str
    find: Callable[[Entry, datetime], Found]


def findings(entry: Entry, moment: datetime) -> list[Finding]:
    """Everything there is to say about publishing this working copy, in the order of CHECKS."""
    return [
        Finding(check=check.name, level=check.level, pointer=pointer, detail=detail)
        for check in CHECKS
        for pointer, detail in check.find(entry, moment)
    ]


def require_none(entry: Entry, moment: datetime) -> None:
    """Raises Conflict (`not_publishable`) that names every fault."""
    faults = [one for one in findings(entry, moment) if one.level == FAULT]
    if faults:
        raise Conflict(
            "This can not be published yet.",
            reason="not_publishable",
            errors=[{"pointer": one.pointer, "detail": one.detail} for one in faults],
        )


def title_is_there(entry: Entry, _moment: datetime) -> Found:
    if is_blank(entry.title):
        yield _title(entry), "There is no title."


def body_is_there(entry: Entry, _moment: datetime) -> Found:
    # An image or a rule alone is a body too: what counts is what a reader gets to see.
    if is_blank(unescape(MARKS.sub("", entry.body_html))):
        yield _source(entry), "There is no text to show."


def slug_says_something(entry: Entry, _moment: datetime) -> Found:
    # A title without a letter or digit gives the name of its kind, and a number.
    made = re.fullmatch(rf"{entry.kind}(-\d+)?", entry.slug)
    if made and slugs.from_name(entry.kind, entry.title) == entry.kind:
        yield "/slug", f"The slug {entry.slug!r} says nothing of what is here."


def images_have_alt_texts(entry: Entry, _moment: datetime) -> Found:
    yield from missing_alts(entry)


def sources_are_there(entry: Entry, _moment: datetime) -> Found:
    yield from sources.missing_sources(entry)


def links_lead_somewhere(entry: Entry, moment: datetime) -> Found:
    for kind, _, name in body_links.broken_in(entry, moment):
        yield _source(entry), f"The link to the {NAMED[kind]} {name!r} leads {NOWHERE[kind]}."


def faqs_are_public(entry: Entry, moment: datetime) -> Found:
    faq_ids = getattr(entry, "faq_ids", [])
    public = _public_entries(faq_ids, moment) if faq_ids else set()
    for number, faq_id in enumerate(faq_ids):
        if faq_id not in public:
            yield f"/faq_ids/{number}", "This FAQ is not public, and is left out until it is."


def review_is_not_overdue(entry: Entry, moment: datetime) -> Found:
    found = reviews.overdue(entry, moment.date())
    if found:
        yield found


CHECKS = [
    Check("title", FAULT, title_is_there),
    Check("body", FAULT, body_is_there),
    Check("slug", WARNING, slug_says_something),
    Check("alt texts", WARNING, images_have_alt_texts),
    Check("sources", FAULT, sources_are_there),
    Check("links", WARNING, links_lead_somewhere),
    Check("faqs", WARNING, faqs_are_public),
    Check("review", WARNING, review_is_not_overdue),
]


def _title(entry: Entry) -> str:
    return "/title" if entry.kind is Kind.POST else "/question"


def _source(entry: Entry) -> str:
    return "/body/source" if entry.kind is Kind.POST else "/answer/source"


def _public_entries(ids: list[str], moment: datetime) -> set[str]:
    rows = select(Publication.entry_id).where(
        Publication.entry_id.in_(ids),
        not_past(),
        Publication.visible_from <= moment,
        Publication.visible_until > moment,
    )
    return set(db.session.scalars(rows))
