"""Real image files, good ones and hostile ones, made as they are needed."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageCms

CAMERA, PLACE = "SecretCam 9000", "canary-place"
SCRIPT = b"*/=1;alert(document.domain)/*"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def plain(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB") -> bytes:
    return encoded(Image.linear_gradient("L").resize(size).convert(mode), kind)


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def with_exif(kind: str, orientation: int = 1) -> bytes:
    """A picture, 60 x 40, red on the left, with a camera's name, a place and a comment."""
    image = Image.new("RGB", (60, 40), "blue")
    image.paste("red", (0, 0, 30, 40))
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = CAMERA
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (59.0, 54.0, 50.0)
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = PLACE
    more = {"comment": PLACE.encode()} if kind == "JPEG" else {}
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{PLACE}</x:xmpmeta>".encode()
    return encoded(image, kind, exif=exif, **({"xmp": xmp} if kind != "PNG" else {}), **more)


def with_profile() -> bytes:
    """A JPEG whose colours are those of another profile than sRGB."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return encoded(Image.new("RGB", (32, 32), (200, 100, 50)), "JPEG", icc_profile=profile)


def animated(kind: str, frames: int = 5, size: tuple[int, int] = (400, 100)) -> bytes:
    """Frames of different colours, 40 ms each, for ever."""
    images = [Image.new("RGB", size, (n * 40 % 256, n // 6, 0)) for n in range(frames)]
    return encoded(images[0], kind, save_all=True, append_images=images[1:], duration=40, loop=0)


def claiming(width: int, height: int, kind: str) -> bytes:
    """A small file that says it is a huge image."""
    return CLAIMS[kind](width, height)


def _png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def _jpeg(width: int, height: int) -> bytes:
    data = plain("JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def _gif(width: int, height: int) -> bytes:
    data = plain("GIF")
    return data[:6] + struct.pack("<HH", width, height) + data[10:]


def _webp(width: int, height: int) -> bytes:
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + bytes(4) + sizes
    chunk += plain("WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


CLAIMS = {"PNG": _png, "JPEG": _jpeg, "GIF": _gif, "WEBP": _webp}


def growing_gif() -> bytes:
    """An animation whose second frame claims to be larger than the image that it is in."""
    data = animated("GIF", frames=2, size=(8, 8))
    at = data.index(b"\x2c", data.rindex(b"\x21\xf9\x04") + 8) + 5
    return data[:at] + struct.pack("<HH", 60_000, 60_000) + data[at + 4 :]


def polyglot_gif() -> bytes:
    """A picture that is a program too: its text starts as a comment and ends as a call."""
    data = encoded(Image.new("P", (16, 16)), "GIF", comment=SCRIPT)
    return data + SCRIPT
