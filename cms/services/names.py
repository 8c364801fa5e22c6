"""What ids are called at the moment. An id that names nothing any more has no name."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from cms.extensions import db
from cms.models import Base, Entry, Media, User


def of(model: type[Base], ids: Iterable[str | None]) -> dict[str, str]:
    """The present name (an entry's title, a file's name) of each id that is still there."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    rows = db.session.execute(select(model.id, _name(model)).where(model.id.in_(wanted)))
    return dict(map(tuple, rows))


def _name(model: Any) -> Any:
    if issubclass(model, Media):
        return model.filename
    return model.title if issubclass(model, Entry) else model.name


def people(ids: Iterable[str | None]) -> dict[str | None, dict[str, Any]]:
    """`{"id", "name"}` of each user that is still there."""
    return {one: {"id": one, "name": name} for one, name in of(User, ids).items()}
