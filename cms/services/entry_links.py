"""Everything that an entry links to, loaded with it: nothing is loaded by surprise."""

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from cms.extensions import db
from cms.models import Entry, Faq, Post
from cms.reading import session_reader

LINKS = {
    Post: ["tag_links", "author_links", "faq_links", "picks", "exclusions", "reviews"],
    Faq: ["tag_links"],
}
ENTRY_ID = "entry_id"


def loaded(model: type[Entry]) -> list[Any]:
    """Loader options for a list of entries."""
    return [selectinload(getattr(model, name)) for name in LINKS[model]]


def begin(entry: Entry) -> None:
    """Let a new entry link to nothing."""
    for name in LINKS[type(entry)]:
        set_committed_value(entry, name, [])


def load(entry: Entry) -> None:
    """Load the links of one entry, which the caller has locked where they are to be changed.

    Most entries have few kinds of them, so it is asked first which there are.
    """
    model = type(entry)
    found = session_reader().row(_which(model), {ENTRY_ID: entry.id})
    for name, is_there in zip(LINKS[model], found, strict=True):
        rows = db.session.scalars(_rows(model, name), {ENTRY_ID: entry.id}) if is_there else []
        set_committed_value(entry, name, list(rows))


@cache
def _which(model: type[Entry]) -> Select[Any]:
    """For each kind of link, whether `:entry_id` has any."""
    return select(*(exists(_rows(model, name).order_by(None)) for name in LINKS[model]))


@cache
def _rows(model: type[Entry], name: str) -> Select[Any]:
    link = getattr(model, name).property
    (_, mine), *_ = link.local_remote_pairs
    rows = select(link.mapper.class_).where(mine == bindparam(ENTRY_ID))
    return rows.order_by(*link.order_by).execution_options(populate_existing=True)
