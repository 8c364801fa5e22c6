"""Lists of ids that name other rows: each known, none twice."""

from collections.abc import Sequence

from sqlalchemy import select

from cms.errors import Invalid
from cms.extensions import db
from cms.models import Base, Media


def check(model: type[Base], ids: Sequence[str | None], pointer: str) -> None:
    """Raises Invalid at `pointer/N` for the first id that is unknown or named twice."""
    wanted = [one for one in ids if one is not None]
    known = set(db.session.scalars(select(model.id).where(model.id.in_(wanted)))) if wanted else ()
    for position, one in enumerate(ids):
        if one is not None and one not in known:
            raise Invalid(f"{pointer}/{position}", "There is no such id.", reason="unknown_id")
        if one in ids[:position]:
            raise Invalid(f"{pointer}/{position}", "This id is named twice.", reason="doubled_id")


def check_one(model: type[Base], one: str | None, pointer: str) -> None:
    """Raises Invalid at `pointer` when the id is not null and unknown."""
    if one is not None and db.session.get(model, one) is None:
        raise Invalid(pointer, "There is no such id.", reason="unknown_id")


def check_image(one: str | None, pointer: str) -> None:
    """Raises Invalid at `pointer` when the id is not null, and not of an image of the library."""
    if one is None:
        return
    # Asked once: between two questions somebody may remove it.
    media = db.session.get(Media, one)
    if media is None:
        raise Invalid(pointer, "There is no such id.", reason="unknown_id")
    if not media.is_image:
        raise Invalid(pointer, "This file is no image.", reason="not_an_image")
