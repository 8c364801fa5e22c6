"""Files and rows of the media library against each other."""

from flask import current_app
from sqlalchemy import select

from cms.extensions import db
from cms.models import Media
from cms.storage import Storage, storage

# Younger folders may belong to an upload that is not done, in seconds.
UNDONE = 3600


def orphans(undone: float = UNDONE) -> list[str]:
    """Folders that no row names: what a crash left between writing and keeping, or removing."""
    # The folders first: a row that comes meanwhile must not make an orphan of its files.
    old = [one.folder for one in _storage().kept() if one.age >= undone]
    named = set(db.session.scalars(select(Media.folder)))
    return sorted(folder for folder in old if folder not in named)


def missing() -> list[str]:
    """Ids of files whose folder is gone."""
    named = db.session.execute(select(Media.folder, Media.id)).all()
    there = {one.folder for one in _storage().kept()}
    return sorted(media_id for folder, media_id in named if folder not in there)


def sweep(undone: float = UNDONE) -> int:
    """Remove the orphans; answer how many there were."""
    found = orphans(undone)
    for folder in found:
        _storage().remove(folder)
    return len(found)


def read(folder: str, name: str) -> bytes | None:
    """The bytes behind a public address, or None."""
    return _storage().get(folder, name)


def _storage() -> Storage:
    return storage(current_app.config["CMS"])
