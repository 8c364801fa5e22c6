"""What uses a file: working copies, what is or will be public, and authors."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    exists,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from cms.extensions import db
from cms.models import Author, Entry, EntryMedia, Media, Post, Publication, PublicationTerm
from cms.services import clock

Use = dict[str, str]
AUTHOR = "author"


def term_of(media_id: str) -> str:
    """What live and waiting rows that show a file are found by."""
    return f"media:{media_id}"


def of(media_id: str) -> list[Use]:
    """Each use as `{"kind", "id", "title", "as"}`: the picture or the body of a working copy, a
    live or waiting publication, an author's photo."""
    uses = union_all(
        _entries("hero").where(Entry.id.in_(_heroes(media_id))),
        _entries("body").where(Entry.id.in_(_bodies(media_id))),
        _entries("publication").where(Entry.id.in_(_publications(media_id))),
        _named(literal(AUTHOR), Author, Author.name, "photo").where(
            Author.photo_media_id == media_id
        ),
    )
    names = ("kind", "id", "title", "as")
    return sorted(
        (dict(zip(names, row, strict=True)) for row in db.session.execute(uses)),
        key=lambda use: (use["kind"], use["title"], use["id"], use["as"]),
    )


def nothing_uses() -> ColumnElement[bool]:
    """A condition on Media, for the database."""
    shown = PublicationTerm.term == literal("media:").concat(Media.id)
    uses = [
        exists().where(Post.hero_media_id == Media.id),
        exists().where(EntryMedia.media_id == Media.id),
        _shown_or_waiting(shown).exists(),
        exists().where(Author.photo_media_id == Media.id),
    ]
    return ~or_(*uses)


def bodies_that_name(media_id: str) -> list[str]:
    """Entries of which the working copy, or what is or will be public, names a file."""
    both = _bodies(media_id).union(_publications(media_id))
    return sorted(db.session.scalars(both))


def public_keys(media_id: str) -> set[str]:
    """What readers see a file on, and itself, as keys of a public change; none if nowhere."""
    term = PublicationTerm.term == term_of(media_id)
    shown = _shown_or_waiting(term).with_only_columns(
        PublicationTerm.kind, PublicationTerm.entry_id
    )
    keys = set()
    for kind, entry_id in db.session.execute(shown):
        keys |= {f"{kind}:{entry_id}", f"list:{kind}"}
    for one in db.session.scalars(select(Author.id).where(Author.photo_media_id == media_id)):
        keys |= {f"{AUTHOR}:{one}", f"list:{AUTHOR}"}
    return keys | {term_of(media_id)} if keys else keys


def _entries(role: str) -> Select[Any]:
    # As text: the column's own type knows no authors.
    return _named(type_coerce(Entry.kind, String), Entry, Entry.title, role)


def _named(kind: Any, model: Any, title: Any, role: str) -> Select[Any]:
    return select(kind, model.id, title, literal(role))


def _heroes(media_id: str) -> Select[Any]:
    return select(Post.id).where(Post.hero_media_id == media_id)


def _bodies(media_id: str) -> Select[Any]:
    return select(EntryMedia.entry_id).where(EntryMedia.media_id == media_id)


def _publications(media_id: str) -> Select[Any]:
    return _shown_or_waiting(PublicationTerm.term == term_of(media_id))


def _shown_or_waiting(term: ColumnElement[bool]) -> Select[Any]:
    """Entries by rows that have not ended; some of those that have are not marked as past yet."""
    rows = select(PublicationTerm.entry_id).join(
        Publication, Publication.id == PublicationTerm.publication_id
    )
    return rows.where(term, Publication.visible_until > clock.now())
