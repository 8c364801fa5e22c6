"""An image written anew from its pixels, whole and in smaller copies."""

from io import BytesIO
from typing import Any

from PIL import Image

from cms.files.cleaning import Cleaned, Limits, StoredFile
from cms.files.kinds import GIF, JPEG, PNG, WEBP, FileKind
from cms.files.reading import Pixels, read

WIDTHS = (320, 640, 1200, 2000)
# How each kind is written. Quality 90 for what is shown large, 80 for copies.
WHOLE: dict[FileKind, dict[str, Any]] = {
    JPEG: {"quality": 90, "progressive": True},
    PNG: {},
    GIF: {},
    WEBP: {"quality": 90},
}
COPIES = WHOLE | {JPEG: {"quality": 80, "progressive": True}, WEBP: {"quality": 80}}


def redrawn(kind: FileKind, data: bytes, limits: Limits) -> Cleaned:
    """Raises BrokenFile, ImageTooLarge."""
    pixels = read(kind, data, limits.pixels)
    options = {"lossless": True} if kind is WEBP and pixels.lossless else WHOLE[kind]
    return Cleaned(_written(pixels, kind, options), _renditions(pixels, kind))


def _renditions(pixels: Pixels, kind: FileKind) -> list[StoredFile]:
    """For each width, a WebP and the kind of the file itself."""
    return [
        _written(smaller, one, COPIES[one])
        for smaller in _smaller(pixels)
        for one in dict.fromkeys([WEBP, kind])
    ]


def _smaller(pixels: Pixels) -> list[Pixels]:
    width, height = pixels.size
    found = []
    for wanted in WIDTHS:
        if wanted <= width:
            size = wanted, max(1, round(height * wanted / width))
            frames = [frame.resize(size, Image.Resampling.LANCZOS) for frame in pixels.frames]
            found.append(Pixels(frames, pixels.durations, pixels.loop, lossless=False))
    return found


def _written(pixels: Pixels, kind: FileKind, options: dict[str, Any]) -> StoredFile:
    out = BytesIO()
    first, *others = pixels.frames
    if kind is JPEG and first.mode == "RGBA":
        first = first.convert("RGB")
    first.save(out, format=kind.reader, **options, **_motion(pixels, kind, others))
    return StoredFile(kind, out.getvalue(), *first.size)


def _motion(pixels: Pixels, kind: FileKind, others: list[Image.Image]) -> dict[str, Any]:
    if not others:
        return {}
    motion = {"save_all": True, "append_images": others, "duration": pixels.durations}
    if kind is GIF:
        # Each frame is whole: nothing of the one before may show through.
        motion["disposal"] = 2
    # Where nothing is said, a GIF plays once, and a WebP for ever.
    loop = 1 if pixels.loop is None and kind is WEBP else pixels.loop
    return motion | ({} if loop is None else {"loop": loop})
