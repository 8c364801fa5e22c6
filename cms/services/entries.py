"""The working copy of a post or a FAQ: load it, save it, keep every state that it was in."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cms import content
from cms.actor import Actor
from cms.errors import Invalid, NotFound
from cms.extensions import db
from cms.models import Author, Category, Entry, EntryTag, Faq, Post, PostAuthor, Revision, Tag
from cms.services import audit, outbox, references, slugs
from cms.services.folding import fold

E = TypeVar("E", bound=Entry)

# Everything that an entry links to, so that nothing is loaded by surprise.
LINKS = {
    Post: [
        selectinload(Post.tag_links),
        selectinload(Post.author_links),
        selectinload(Post.faq_links),
        selectinload(Post.picks),
        selectinload(Post.exclusions),
    ],
    Faq: [selectinload(Faq.tag_links)],
}


def get(model: type[E], entry_id: str) -> E:
    """Raises NotFound."""
    return _load(model, select(model).where(model.id == entry_id))


def lock(model: type[E], entry_id: str) -> E:
    """Load an entry for a change, and keep others from changing it until the commit."""
    query = select(model).where(model.id == entry_id).with_for_update(of=Entry)
    return _load(model, query)


def _load(model: type[E], query: Any) -> E:
    entry = db.session.scalar(
        query.options(*LINKS[model]), execution_options={"populate_existing": True}
    )
    if entry is None:
        raise NotFound(f"There is no such {model.__name__.lower()}.", reason="not_found")
    return entry


def save(actor: Actor, entry: Entry, changes: Mapping[str, Any], now: datetime) -> None:
    """Apply an editor's changes and keep the result as a new revision."""
    for name, value in changes.items():
        SETTERS.get(name, _set_plainly)(entry, name, value)
    _settle_slug(entry, changes, now)
    entry.revision += 1
    entry.changed(now)
    db.session.add(
        Revision(
            entry_id=entry.id,
            number=entry.revision,
            created_at=now,
            created_by=actor.user_id,
            fields=snapshot(entry),
        )
    )
    _announce(actor, entry, changes, now)


def start(actor: Actor, entry: Entry, values: Mapping[str, Any], now: datetime) -> None:
    """Keep a new entry: the slug that was asked for, or the first free one made from the title."""
    entry.created_by = actor.user_id
    entry.created_at = now
    entry.version = entry.revision = 0
    entry.slug, entry.title_key = "", ""
    # The row must be there before its slug can name it.
    _set_title(entry, "title", values["title"])
    entry.locale = values["locale"]
    db.session.add(entry)
    db.session.flush()
    save(actor, entry, values, now)


def snapshot(entry: Entry) -> dict[str, Any]:
    """Every editable field of an entry as JSON values, links as ids."""
    names = [*SHARED_FIELDS, *(POST_FIELDS if isinstance(entry, Post) else FAQ_FIELDS)]
    return {name: getattr(entry, name) for name in names}


SHARED_FIELDS = ["title", "slug", "locale", "body_format", "body_source", "tag_ids"]
POST_FIELDS = ["excerpt", "category_id", "author_ids", "seo", "comments_open"]
POST_FIELDS += ["faq_ids", "related", "excluded"]
FAQ_FIELDS = ["position"]


def _announce(actor: Actor, entry: Entry, changes: Mapping[str, Any], now: datetime) -> None:
    verb = "created" if entry.revision == 1 else "saved"
    audit.record(actor, f"{entry.kind}.{verb}", entry.id, now, changes)
    outbox.record(f"{entry.kind}.{verb}", now, id=entry.id, revision=entry.revision)


def _settle_slug(entry: Entry, changes: Mapping[str, Any], now: datetime) -> None:
    wanted = changes.get("slug")
    if wanted:
        slugs.claim(entry, wanted)
        entry.slug = wanted
    elif not entry.slug:
        entry.slug = slugs.claim_from_title(entry)
    elif "locale" in changes:
        slugs.claim(entry, entry.slug)
    db.session.flush()
    slugs.settle(entry, now)


def _set_plainly(entry: Entry, name: str, value: Any) -> None:
    setattr(entry, name, value)


def _set_title(entry: Entry, _name: str, value: str) -> None:
    entry.title, entry.title_key = value, fold(value)


def _set_body(entry: Entry, _name: str, value: Mapping[str, str]) -> None:
    rendered = _rendered(value["format"], value["source"])
    entry.body_format, entry.body_source = value["format"], value["source"]
    entry.body_html, entry.toc = rendered.html, rendered.toc
    entry.word_count, entry.pipeline_version = rendered.word_count, content.PIPELINE_VERSION


def _rendered(body_format: str, source: str) -> content.Rendered:
    try:
        return content.render(body_format, source)
    except content.BodyTooLarge as error:
        raise Invalid("/body/source", str(error), reason="body_too_large") from None


def _set_category(entry: Entry, name: str, value: str | None) -> None:
    references.check_one(Category, value, f"/{name}")
    setattr(entry, name, value)


def _set_tags(entry: Entry, name: str, ids: list[str]) -> None:
    references.check(Tag, ids, f"/{name}")
    entry.tag_links = [EntryTag(tag_id=one, position=n) for n, one in enumerate(ids)]


def _set_authors(entry: Entry, name: str, ids: list[str]) -> None:
    references.check(Author, ids, f"/{name}")
    entry.author_links = [PostAuthor(author_id=one, position=n) for n, one in enumerate(ids)]


def _set_nothing(_entry: Entry, _name: str, _value: Any) -> None:
    """The slug is claimed when everything else is known."""


SETTERS: dict[str, Callable[[Any, str, Any], None]] = {
    "title": _set_title,
    "slug": _set_nothing,
    "body": _set_body,
    "category_id": _set_category,
    "tag_ids": _set_tags,
    "author_ids": _set_authors,
}
