"""What a file is, by its first bytes. Its name and what the sender calls it say nothing."""

import re
from dataclasses import dataclass

from cms.files.refusals import UnknownKind


@dataclass(frozen=True)
class FileKind:
    """`reader` is Pillow's name of the format; None for what is kept as it came."""

    mime_type: str
    extension: str
    reader: str | None = None


JPEG = FileKind("image/jpeg", "jpg", "JPEG")
PNG = FileKind("image/png", "png", "PNG")
GIF = FileKind("image/gif", "gif", "GIF")
WEBP = FileKind("image/webp", "webp", "WEBP")
PDF = FileKind("application/pdf", "pdf")

SIGNATURES = [
    (re.compile(rb"\xff\xd8\xff"), JPEG),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG),
    (re.compile(rb"GIF8[79]a"), GIF),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), WEBP),
    (re.compile(rb"%PDF-[12]\.\d"), PDF),
]
KINDS = {kind.extension: kind for _, kind in SIGNATURES}
IMAGES = frozenset(kind.mime_type for kind in KINDS.values() if kind.reader)


def recognise(data: bytes) -> FileKind:
    """Raises UnknownKind."""
    for signature, kind in SIGNATURES:
        if signature.match(data):
            return kind
    raise UnknownKind("Only JPEG, PNG, WebP and GIF images and PDF files are taken.")
