"""From a file as it was sent to the files that are kept: the same picture, and smaller copies."""

from dataclasses import dataclass

from cms.files.kinds import FileKind, recognise


@dataclass(frozen=True)
class Limits:
    """`pixels` are those of all frames of an image together."""

    pixels: int


@dataclass(frozen=True)
class StoredFile:
    """Bytes to keep. `width` and `height` are None for what is no image."""

    kind: FileKind
    data: bytes
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Cleaned:
    """A file that may be shown, and smaller copies of it: none is wider than the file itself."""

    whole: StoredFile
    renditions: list[StoredFile]


def clean(data: bytes, limits: Limits) -> Cleaned:
    """Recognise a file by its content, and write it anew.

    Images lose everything but their pixels. A PDF stays as it is. Takes seconds for a large image.
    Raises UnknownKind, BrokenFile, ImageTooLarge.
    """
    kind = recognise(data)
    if kind.reader is None:
        return Cleaned(StoredFile(kind, data), [])
    # Here alone: few processes ever see an image, and each would hold all that reads them.
    from cms.files.redrawing import redrawn

    return redrawn(kind, data, limits)
