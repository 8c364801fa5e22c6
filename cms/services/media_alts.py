"""Images that say nothing to who can not see them."""

from cms import content
from cms.extensions import db
from cms.models import Entry, Kind, Media


def missing_alts(entry: Entry) -> list[tuple[str, str]]:
    """`(pointer, detail)` for each image of a working copy that has no alternative text."""
    return [*_of_hero(entry), *_of_body(entry)]


def _of_hero(entry: Entry) -> list[tuple[str, str]]:
    hero_id = getattr(entry, "hero_media_id", None)
    hero = db.session.get(Media, hero_id) if hero_id else None
    silent = hero is not None and not hero.alt.strip()
    return [("/hero_media_id", "The picture has no alternative text.")] if silent else []


def _of_body(entry: Entry) -> list[tuple[str, str]]:
    pointer = "/body/source" if entry.kind is Kind.POST else "/answer/source"
    return [
        (pointer, f"The image {source} has no alternative text.")
        for source, alt in content.images_of(entry.body_html)
        if not alt.strip()
    ]
