"""Read an image to its end, and keep its pixels alone.

What comes out has no EXIF, no place, no comment and no colour profile: the camera's turn is
applied, and colours are converted to sRGB, which is what everybody takes an image without a
profile for.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageCms

from cms.files.kinds import GIF, WEBP, FileKind
from cms.files.refusals import BrokenFile, FileRefused, ImageTooLarge

# The limits here are asked before anything is decoded, and for every frame; Pillow's own would
# warn at one size and fail at another, for the whole process.
Image.MAX_IMAGE_PIXELS = None

# What WebP can hold, and so every smaller copy.
LONGEST_SIDE = 16_383
MOST_FRAMES = 500
# In milliseconds; many animations leave it out.
USUAL_DURATION = 100
ANIMATED = {GIF, WEBP}
WITH_ALPHA = {"RGBA", "LA", "PA", "RGBa", "La"}
SRGB = ImageCms.createProfile("sRGB")
# By the orientation that a camera notes: what brings the picture upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Pixels:
    """An image as frames of RGB or RGBA, all of one size; `durations` in milliseconds.

    `loop` is how often an animation plays, 0 for ever, None where it does not say.
    """

    frames: list[Image.Image]
    durations: list[int]
    loop: int | None
    lossless: bool

    @property
    def size(self) -> tuple[int, int]:
        return self.frames[0].size


def read(kind: FileKind, data: bytes, most_pixels: int) -> Pixels:
    """Every pixel of an image. `most_pixels` are those of all frames together.

    Raises BrokenFile, ImageTooLarge.
    """
    with _any_failure_as_broken():
        if kind is WEBP:
            # Its reader makes room for a whole frame before it says how large that is.
            _check_size(_webp_size(data), most_pixels)
        with Image.open(BytesIO(data), formats=[kind.reader]) as image:
            _check_size(image.size, most_pixels)
            frames = list(_frames(image, most_pixels, MOST_FRAMES if kind in ANIMATED else 1))
            return Pixels(
                [frame for frame, _ in frames],
                [duration for _, duration in frames],
                image.info.get("loop"),
                kind is not WEBP or data[12:16] == b"VP8L",
            )


@contextmanager
def _any_failure_as_broken() -> Iterator[None]:
    # Pillow's readers raise whatever they stumble upon: OSError, SyntaxError, struct.error, …
    try:
        yield
    except (FileRefused, MemoryError):
        raise
    except Exception as error:
        raise BrokenFile("This image can not be read to its end.") from error


def _check_size(size: tuple[int, int], most_pixels: int) -> None:
    width, height = size
    if width * height > most_pixels:
        raise ImageTooLarge(f"{width} × {height} pixels; at most {most_pixels} are taken.")  # noqa: RUF001
    if max(size) > LONGEST_SIDE:
        raise ImageTooLarge(f"{max(size)} pixels on one side; at most {LONGEST_SIDE} are taken.")


def _frames(image: Any, most_pixels: int, most_frames: int) -> Iterator[tuple[Image.Image, int]]:
    left, size = most_pixels, image.size
    for number in range(most_frames + 1):
        if number and not _goes_on(image, number, most_frames):
            return
        # A frame may claim to be larger than the image that it is in.
        _check_size(image.size, left)
        left -= image.size[0] * image.size[1]
        frame = _plain(image)
        if number == 0:
            size = frame.size
        duration = int(image.info.get("duration", 0)) or USUAL_DURATION
        yield frame if frame.size == size else frame.crop((0, 0, *size)), duration


def _goes_on(image: Any, number: int, most_frames: int) -> bool:
    if most_frames == 1:
        return False
    try:
        image.seek(number)
    except EOFError:
        return False
    if number == most_frames:
        raise ImageTooLarge(f"More than {most_frames} frames.")
    return True


def _plain(image: Any) -> Image.Image:
    """The pixels of the present frame in sRGB, the right way up, and nothing else."""
    image.load()
    upright = _turned(image)
    has_alpha = upright.mode in WITH_ALPHA or "transparency" in upright.info
    mode = "RGBA" if has_alpha else "RGB"
    plain = _in_srgb(upright, mode) or _eight_bits(upright).convert(mode)
    # Savers look here for what to write along.
    plain.info = {}
    return plain


def _turned(image: Any) -> Any:
    orientation = None
    # What a camera or a program wrote there may be nonsense, and the picture good.
    with suppress(Exception):
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _in_srgb(image: Any, mode: str) -> Image.Image | None:
    """Colours by the image's own profile; None where it has none, or a useless one."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return None
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, source, SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _eight_bits(image: Any) -> Any:
    """Grey of 16 bits as grey of 8; a plain conversion would make nearly all of it white."""
    if not image.mode.startswith("I"):
        return image
    return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def _webp_size(data: bytes) -> tuple[int, int]:
    """The width and height that a WebP file's first chunk claims."""
    chunk, start = data[12:16], data[20:30]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(start[4:7], "little"), 1 + int.from_bytes(start[7:10], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(start[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        sides = (int.from_bytes(start[n : n + 2], "little") & 0x3FFF for n in (6, 8))
        return next(sides), next(sides)
    raise BrokenFile("This WebP file does not begin with an image.")
