"""Ids that name other rows: each known, none twice in a list, and none removed before the commit.

What is named is held by its key alone, as a foreign key would hold it, but before it is relied on:
others may name and change it, and who would remove it waits, and then finds the use.
"""

from collections.abc import Sequence

from sqlalchemy import select

from cms.errors import Invalid
from cms.extensions import db
from cms.models import Base, Media

BY_KEY = {"read": True, "key_share": True}


def check(model: type[Base], ids: Sequence[str | None], pointer: str) -> None:
    """Raises Invalid at `pointer/N` for the first id that is unknown or named twice."""
    wanted = [one for one in ids if one is not None]
    known = _held(model, wanted) if wanted else ()
    for position, one in enumerate(ids):
        if one is not None and one not in known:
            raise Invalid(f"{pointer}/{position}", "There is no such id.", reason="unknown_id")
        if one in ids[:position]:
            raise Invalid(f"{pointer}/{position}", "This id is named twice.", reason="doubled_id")


def check_one(model: type[Base], one: str | None, pointer: str) -> None:
    """Raises Invalid at `pointer` when the id is not null and unknown."""
    if one is not None and not _held(model, [one]):
        raise Invalid(pointer, "There is no such id.", reason="unknown_id")


def check_image(one: str | None, pointer: str) -> None:
    """Raises Invalid at `pointer` when the id is not null, and not of an image of the library."""
    if one is None:
        return
    # Asked once: between two questions somebody may remove it.
    media = db.session.get(Media, one, with_for_update=BY_KEY)
    if media is None:
        raise Invalid(pointer, "There is no such id.", reason="unknown_id")
    if not media.is_image:
        raise Invalid(pointer, "This file is no image.", reason="not_an_image")


def _held(model: type[Base], ids: Sequence[str]) -> set[str]:
    """Those of the ids that there are, held until the commit."""
    # Of an entry its own table: whoever changes one holds its row of `entries`, and two who name
    # each other's would wait in a circle.
    key = model.__table__.c.id
    rows = select(key).where(key.in_(ids)).order_by(key)
    return set(db.session.scalars(rows.with_for_update(**BY_KEY)))
