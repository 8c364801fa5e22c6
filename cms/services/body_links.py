"""Where bodies lead within the site: noted when they are saved, judged when somebody asks.

A link is broken while no reader can follow it: the post is not public, or the file is gone.
"""

import re
from datetime import datetime
from functools import cache
from itertools import zip_longest
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from cms import content, writing
from cms.extensions import db
from cms.models import BodyLink, Entry, Kind, Media, PostFaq, Publication, Target
from cms.services.published import NOW, is_past, not_past

NO_LOCALE = ""
# What may stand for a part of an address.
SHAPES = {"slug": "[a-z0-9-]{1,200}", "locale": "[A-Za-z-]{2,16}", "file": "[^/]+"}
Row = tuple[Any, ...]
NOTED = insert(BodyLink.__table__)
WHERE = (BodyLink.revision, BodyLink.kind, BodyLink.locale, BodyLink.name)


class Place(NamedTuple):
    kind: Target
    locale: str
    name: str


def places(html: str, locale: str) -> list[Place]:
    """The posts and files of this site that a text leads to, each once, in order."""
    found = (*content.links_of(html), *(src for src, _ in content.images_of(html)))
    return list(dict.fromkeys(place for href in found if (place := _place(href, locale))))


def keep(entry: Entry, before: int, *, body_changed: bool) -> None:
    """Note where the working copy leads, which was revision `before` until now.

    What readers see, or will, stays noted; other revisions are forgotten.
    """
    known = _known(entry)
    now = {one[1:] for one in known if one[0] == before}
    if body_changed:
        now = set(places(entry.body_html, entry.locale))
    others = {entry.live_revision, entry.waiting_revision} - {entry.revision}
    _write(entry.id, known, {(entry.revision, *one) for one in now}, others)


def keep_anew(entry_id: str, revision: int, html: str, locale: str) -> None:
    """Note where a body leads that was rendered again."""
    mine = delete(BodyLink).where(BodyLink.entry_id == entry_id, BodyLink.revision == revision)
    db.session.execute(mine)
    _add(entry_id, {(revision, *one) for one in places(html, locale)})


def are_broken(now: datetime) -> ColumnElement[bool]:
    """A condition on Entry, for the database: some link of it leads nowhere.

    Of its working copy, or of what readers see; the FAQs that a working copy names are links too.
    """
    seen = or_(BodyLink.revision == Entry.revision, BodyLink.revision == Entry.shown_revision(now))
    body = select(BodyLink.entry_id).join(Entry, Entry.id == BodyLink.entry_id)
    body = body.where(seen, ~or_(_leads_to_a_post(now), _leads_to_a_file()))
    named = select(PostFaq.post_id).where(~_public(PostFaq.faq_id, now))
    return and_(Entry.trashed_at.is_(None), or_(Entry.id.in_(body), Entry.id.in_(named)))


def broken_in(entry: Entry, moment: datetime) -> list[Place]:
    """What a working copy leads to, and no reader could follow at a moment."""
    if not content.leads_somewhere(entry.body_html):
        return []
    asked = {"entry": entry.id, "revision": entry.revision, "now": moment}
    return [Place(*row) for row in db.session.execute(_leading_nowhere(), asked)]


def count_broken(now: datetime) -> int:
    """How many posts and FAQs have a link that leads nowhere."""
    entries = select(func.count()).select_from(Entry.__table__).where(are_broken(now))
    return db.session.scalar(entries) or 0


def _place(href: str, locale: str) -> Place | None:
    try:
        address = urlsplit(href)
    except ValueError:
        return None
    config = current_app.config["CMS"]
    for kind, template in _templates(config.post_url_template, config.api_url).items():
        if address.netloc in {"", urlsplit(template).netloc}:
            found = _shape(urlsplit(template).path).fullmatch(address.path)
            if found:
                here = locale if kind is Target.POST else NO_LOCALE
                return Place(kind, found.groupdict().get("locale") or here, found["slug"])
    return None


def _templates(posts: str, api: str) -> dict[Target, str]:
    return {Target.POST: posts, Target.MEDIA: f"{api}/media/{{slug}}/{{file}}"}


@cache
def _shape(path: str) -> re.Pattern[str]:
    """Paths of a template: `{slug}` stands for a slug, and so on."""
    parts = re.split(r"\{(\w+)\}", path.rstrip("/"))
    names = (f"(?P<{name}>{SHAPES[name]})" for name in parts[1::2])
    texts = (re.escape(text) for text in parts[::2])
    return re.compile("".join(map("".join, zip_longest(texts, names, fillvalue=""))) + "/?")


def _known(entry: Entry) -> set[Row]:
    if entry.version == 1:
        return set()
    mine = select(*WHERE).where(BodyLink.entry_id == entry.id)
    return {tuple(row) for row in db.session.execute(mine)}


def _write(entry_id: str, known: set[Row], mine: set[Row], kept: set[int | None]) -> None:
    gone = {one for one in known if one not in mine and one[0] not in kept}
    for row in sorted(gone):
        same = [column == value for column, value in zip(WHERE, row, strict=True)]
        db.session.execute(delete(BodyLink).where(BodyLink.entry_id == entry_id, *same))
    _add(entry_id, mine - known)


def _add(entry_id: str, rows: set[Row]) -> None:
    names = [column.key for column in WHERE]
    values = [{"entry_id": entry_id, **dict(zip(names, row, strict=True))} for row in sorted(rows)]
    if values:
        writing.run(NOTED, *values)


@cache
def _leading_nowhere() -> Select[Any]:
    # Made once: it takes longer to write than to run.
    mine = (BodyLink.entry_id == bindparam("entry"), BodyLink.revision == bindparam("revision"))
    nowhere = ~or_(_leads_to_a_post(NOW), _leads_to_a_file())
    return select(*WHERE[1:]).where(*mine, nowhere).order_by(*WHERE[1:])


def _public(entry_id: Any, now: Any) -> ColumnElement[bool]:
    row = aliased(Publication)
    shown = (row.visible_from <= now, row.visible_until > now)
    return exists().where(row.entry_id == entry_id, not_past(row), row.past == false(), *shown)


def _leads_to_a_post(now: Any) -> ColumnElement[bool]:
    """By a slug that a public post has, or once had."""
    row = aliased(Publication)
    named = (row.kind == Kind.POST, row.locale == BodyLink.locale, row.slug == BodyLink.name)
    named += (row.visible_from <= now,)
    # Each half is entered by an index of its own.
    halves = [
        select(row.entry_id).where(*named, part, _public(row.entry_id, now)).exists()
        for part in (not_past(row), is_past(row))
    ]
    return and_(BodyLink.kind == Target.POST, or_(*halves))


def _leads_to_a_file() -> ColumnElement[bool]:
    there = exists().where(Media.folder == BodyLink.name)
    return and_(BodyLink.kind == Target.MEDIA, there)
