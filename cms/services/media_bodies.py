"""Bodies and the media library: what `media:ID` becomes, and which body names which file."""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, delete, insert, inspect, select

from cms import content
from cms.content import MediaFile, Rendered
from cms.errors import Invalid
from cms.extensions import db
from cms.models import Entry, EntryMedia, Media
from cms.reading import session_reader
from cms.services import keeping, media_addresses

NAMES = EntryMedia.__table__
NAMED_BY = select(NAMES.c.media_id).where(NAMES.c.entry_id == bindparam("entry_id"))


def find(ids: Iterable[str]) -> dict[str, MediaFile]:
    """What the library knows of these ids."""
    wanted = select(Media).where(Media.id.in_(set(ids)))
    return {one.id: media_addresses.in_bodies(one) for one in db.session.scalars(wanted)}


def render(body_format: str, source: str) -> Rendered:
    """`content.render`, with the files of the library. Raises `content.BodyTooLarge`."""
    return content.render(body_format, source, find)


def check(rendered: Rendered, pointer: str) -> None:
    """Raises Invalid (`unknown_media`, `not_an_image`) for what the body can not show.

    `pointer` is what clients call its source.
    """
    known = find(rendered.media.ids) if rendered.media.ids else {}
    for one in rendered.media.ids:
        if one not in known:
            detail = f"There is no file media:{one}."
            raise Invalid(pointer, detail, reason="unknown_media")
        if one in rendered.media.shown and known[one].width is None:
            raise Invalid(pointer, f"media:{one} is no image. Link to it.", reason="not_an_image")


def unknown_in(body: Mapping[str, str]) -> list[str]:
    """The ids that a body names and the library does not know."""
    named = render(body["format"], body["source"]).media.ids
    known = find(named)
    return [one for one in named if one not in known]


def keep(entry: Entry, ids: Iterable[str]) -> None:
    """Note what the body of a working copy names.

    Of unknown ids nothing is noted: a body that is rendered again may be older than the library.
    """
    is_new = not inspect(entry).persistent
    if not is_new:
        db.session.execute(delete(EntryMedia).where(EntryMedia.entry_id == entry.id))
    known = [{"entry_id": entry.id, "media_id": one} for one in find(ids)] if ids else []
    if known:
        if is_new:
            # Its row must be there.
            keeping.write(entry)
        db.session.execute(insert(NAMES), known)


def kept(entry: Entry) -> list[str]:
    """The ids that the body of a working copy names."""
    return sorted(row[0] for row in session_reader().rows(NAMED_BY, {"entry_id": entry.id}))
