"""Take a file in: look at it and write it outside any transaction, then keep its row.

The files are there before the row is, and go if the row does not come to be. A crash between the
two leaves files that nothing names: `media_files` finds them.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import current_app
from slugify import slugify
from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from cms import files
from cms.actor import Actor
from cms.config import Config
from cms.errors import Conflict, Invalid, TooBusy, Unsupported
from cms.extensions import db
from cms.files import Cleaned, Limits, StoredFile
from cms.models import Media
from cms.models.base import new_id
from cms.permissions import Action, require
from cms.services import audit, clock, outbox
from cms.services.references import BY_KEY
from cms.storage import storage

POINTER = "/file"
LONGEST_STEM = 60
# How long an upload waits for others to be worked on, in seconds.
PATIENCE = 5
_workers: dict[int, threading.BoundedSemaphore] = {}


@dataclass(frozen=True)
class Ready:
    """A file that is written already, and the row to be: or the row of an earlier upload of it."""

    media: Media
    # Of the bytes: a row that is known may have gone when its own could be asked for.
    checksum: str
    is_known: bool = False


def prepared(actor: Actor, name: str, data: bytes, said: dict[str, Any]) -> Ready:
    """Clean a file, make its smaller copies, and write them; `name` is what the sender calls it.

    Raises Forbidden, Unsupported (`unsupported_file`), Invalid (`empty_file`, `broken_file`,
    `image_too_large`), TooBusy, StorageUnavailable.
    """
    require(actor, Action.MEDIA_CREATE)
    if not data:
        raise Invalid(POINTER, "This file is empty.", reason="empty_file")
    checksum = hashlib.sha256(data).hexdigest()
    known = _with(checksum)
    if known is not None:
        return Ready(known, checksum, is_known=True)
    # An image takes seconds: no connection waits for it, and nobody's transaction.
    db.session.rollback()
    config = current_app.config["CMS"]
    with _worker(config):
        cleaned = _cleaned(config, data)
    media = _written(config, actor, checksum, _stem(name), cleaned, said)
    return Ready(media, checksum)


@contextmanager
def written(ready: Ready) -> Iterator[None]:
    """Around the transaction that keeps the row: without a row, the files go again."""
    try:
        yield
    finally:
        if not ready.is_known and _is_surely_absent(ready.media.folder):
            storage(current_app.config["CMS"]).remove(ready.media.folder)


def add(actor: Actor, ready: Ready) -> Media:
    """Keep the row; if somebody sent the same bytes meanwhile, answer theirs.

    Raises Conflict (`reference_gone`) where the bytes were known, and somebody removed them since.
    """
    media = ready.media
    if ready.is_known:
        return _still_there(ready.checksum)
    media.created_at = media.updated_at = now = clock.now()
    try:
        # A savepoint: a broken constraint would end the whole transaction.
        with db.session.begin_nested():
            db.session.add(media)
    except IntegrityError as error:
        if "checksum" not in str(error.orig):
            raise
        return _still_there(ready.checksum)
    audit.record(actor, "media.created", media.id, now)
    outbox.record("media.created", now, id=media.id, mime_type=media.mime_type)
    return media


def _with(checksum: str) -> Media | None:
    return db.session.scalar(select(Media).where(Media.checksum == checksum))


def _still_there(checksum: str) -> Media:
    """The row of these bytes, held until the commit."""
    known = select(Media).where(Media.checksum == checksum)
    media = db.session.scalar(known.with_for_update(**BY_KEY))
    if media is None:
        detail = "This file was there, and was removed at this moment. Send it again."
        raise Conflict(detail, reason="reference_gone")
    return media


def _is_surely_absent(folder: str) -> bool:
    try:
        found = db.session.scalar(select(exists().where(Media.folder == folder)))
    except SQLAlchemyError:
        # The row may be there: files that are too many do no harm, and are found later.
        return False
    return not found


@contextmanager
def _worker(config: Config) -> Iterator[None]:
    """Only some threads of a process decode images, so that readers are answered meanwhile."""
    most = max(1, config.threads // 2)
    slots = _workers.setdefault(most, threading.BoundedSemaphore(most))
    if not slots.acquire(timeout=PATIENCE):
        raise TooBusy("Other files are still being worked on. Nothing was kept; try again.")
    try:
        yield
    finally:
        slots.release()


def _cleaned(config: Config, data: bytes) -> Cleaned:
    try:
        return files.clean(data, Limits(pixels=config.media_max_pixels))
    except files.UnknownKind as error:
        raise Unsupported(
            str(error),
            reason="unsupported_file",
            errors=[{"pointer": POINTER, "detail": str(error)}],
        ) from None
    except files.ImageTooLarge as error:
        raise Invalid(POINTER, str(error), reason="image_too_large") from None
    except files.BrokenFile as error:
        raise Invalid(POINTER, str(error), reason="broken_file") from None


def _stem(name: str) -> str:
    """Plain words for the address; whatever else the name held, folders too, is not in it."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return slugify(last.rpartition(".")[0] or last, max_length=LONGEST_STEM) or "file"


def _written(
    config: Config, actor: Actor, checksum: str, stem: str, cleaned: Cleaned, said: dict[str, Any]
) -> Media:
    whole, media_id = cleaned.whole, new_id()
    filename = f"{stem}.{whole.kind.extension}"
    sizes = {f"{stem}-{one.width}w.{one.kind.extension}": one for one in cleaned.renditions}
    contents = {filename: whole.data} | {name: one.data for name, one in sizes.items()}
    folder = _folder(media_id, contents)
    storage(config).put(folder, contents)
    return Media(
        id=media_id,
        checksum=checksum,
        folder=folder,
        filename=filename,
        mime_type=whole.kind.mime_type,
        size=len(whole.data),
        width=whole.width,
        height=whole.height,
        renditions=[_described(name, one) for name, one in sizes.items()],
        created_by=actor.user_id,
        **said,
    )


def _described(name: str, file: StoredFile) -> dict[str, Any]:
    return {
        "name": name,
        "width": file.width,
        "height": file.height,
        "mime_type": file.kind.mime_type,
        "size": len(file.data),
    }


def _folder(media_id: str, contents: dict[str, bytes]) -> str:
    """A digest of every byte, and of the id: two uploads never share a folder, so that one can go
    without the other, and who has a file can not guess where a draft keeps it."""
    digest = hashlib.sha256(media_id.encode())
    for name, data in sorted(contents.items()):
        digest.update(hashlib.sha256(data).digest() + name.encode())
    return digest.hexdigest()[:32]
