"""What is kept of an uploaded file: the picture, in several sizes, and nothing else."""

import pytest
from PIL import Image

from cms.files import BrokenFile, ImageTooLarge, Limits, UnknownKind, clean
from tests.files import pictures
from tests.files.pictures import CAMERA, PLACE, SCRIPT, opened

pytestmark = pytest.mark.threat("B13")

LIMITS = Limits(pixels=50_000_000)
FORMATS = ["JPEG", "PNG", "WEBP", "GIF"]


def cleaned(data: bytes) -> Image.Image:
    return opened(clean(data, LIMITS).whole.data)


def every_byte(data: bytes) -> bytes:
    kept = clean(data, LIMITS)
    return b"".join(one.data for one in [kept.whole, *kept.renditions])


class TestAPicture:
    @pytest.mark.parametrize("kind", FORMATS)
    def test_keeps_its_kind_and_its_size(self, kind):
        image = cleaned(pictures.plain(kind, (64, 48)))

        assert (image.format, image.size) == (kind, (64, 48))

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
    def test_keeps_what_is_transparent(self, kind):
        data = pictures.encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), kind)

        assert cleaned(data).convert("RGBA").getpixel((4, 4))[3] == 0

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_loses_camera_place_and_comment(self, kind):
        data = pictures.with_exif(kind)
        assert CAMERA.encode() in data
        assert PLACE.encode() in data

        image = cleaned(data)

        assert not image.getexif()
        assert not image.info.keys() & {"exif", "xmp", "comment", "icc_profile"}
        assert not any(word.encode() in every_byte(data) for word in (CAMERA, PLACE))

    @pytest.mark.parametrize(
        ("orientation", "size", "where_red_is"),
        [
            (1, (60, 40), (5, 20)),
            (2, (60, 40), (55, 20)),
            (3, (60, 40), (55, 20)),
            (4, (60, 40), (5, 20)),
            (5, (40, 60), (20, 5)),
            (6, (40, 60), (20, 5)),
            (7, (40, 60), (20, 55)),
            (8, (40, 60), (20, 55)),
            (99, (60, 40), (5, 20)),
        ],
    )
    def test_stands_as_the_camera_meant(self, orientation, size, where_red_is):
        image = cleaned(pictures.with_exif("JPEG", orientation))

        red, _, blue = image.getpixel(where_red_is)
        assert (image.size, red > 200, blue < 50) == (size, True, True)

    def test_loses_a_useless_colour_profile_and_stays_a_picture(self):
        image = cleaned(pictures.with_profile())

        assert image.size == (32, 32)
        assert "icc_profile" not in image.info

    def test_of_sixteen_bits_keeps_its_greys(self):
        image = cleaned(pictures.encoded(Image.new("I;16", (8, 8), 40_000), "PNG"))

        assert image.getpixel((4, 4)) == (156, 156, 156)

    def test_of_print_colours_becomes_one_for_screens(self):
        image = cleaned(pictures.encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))

        red, green, blue = image.getpixel((4, 4))
        assert (image.mode, red > 200, green < 60, blue < 60) == ("RGB", True, True, True)

    def test_that_is_also_a_program_is_only_a_picture(self):
        data = pictures.polyglot_gif()
        assert SCRIPT in data

        assert SCRIPT not in every_byte(data)
        assert b"alert" not in every_byte(pictures.plain("JPEG") + b"<script>alert(1)</script>")


class TestSmallerCopies:
    @pytest.mark.parametrize(
        ("width", "widths"),
        [
            (300, []),
            (320, [320]),
            (900, [320, 640]),
            (1200, [320, 640, 1200]),
            (2600, [320, 640, 1200, 2000]),
        ],
    )
    def test_are_of_known_widths_and_never_larger(self, width, widths):
        kept = clean(pictures.plain("JPEG", (width, width // 2)), LIMITS)

        assert [(one.width, one.height, one.kind.extension) for one in kept.renditions] == [
            (wide, round(width // 2 * wide / width), kind)
            for wide in widths
            for kind in ("webp", "jpg")
        ]
        assert all(opened(one.data).size == (one.width, one.height) for one in kept.renditions)

    def test_of_a_webp_are_of_one_kind(self):
        kept = clean(pictures.plain("WEBP", (700, 10)), LIMITS)

        assert [(one.width, one.kind.extension) for one in kept.renditions] == [
            (320, "webp"),
            (640, "webp"),
        ]

    @pytest.mark.parametrize("kind", ["GIF", "WEBP"])
    def test_move_as_the_picture_does(self, kind):
        kept = clean(pictures.animated(kind), LIMITS)

        for one in [kept.whole, *kept.renditions]:
            image = opened(one.data)
            assert (image.n_frames, image.info["loop"]) == (5, 0)
            assert opened(one.data).info.get("duration", 40) == 40
            image.seek(3)
            assert image.convert("RGB").getpixel((9, 9))[0] == pytest.approx(120, abs=8)


class TestAPdf:
    def test_stays_as_it_is(self):
        data = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n"

        kept = clean(data, LIMITS)

        assert (kept.whole.data, kept.whole.kind.mime_type) == (data, "application/pdf")
        assert (kept.whole.width, kept.renditions) == (None, [])


class TestRefused:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"x",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"<!DOCTYPE html><script>alert(1)</script>",
            b"\n%PDF-1.7",
            b"%PDF-x",
            b"BM" + bytes(100),
            b"II*\x00" + bytes(100),
            b"PK\x03\x04",
            b"RIFF\x00\x00\x00\x00WAVE",
        ],
    )
    def test_is_what_is_of_no_known_kind(self, data):
        with pytest.raises(UnknownKind):
            clean(data, LIMITS)

    @pytest.mark.parametrize("kind", FORMATS)
    @pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
    def test_is_what_is_cut_short(self, kind, share):
        noise = Image.effect_noise((200, 200), 80).convert("RGB")
        data = pictures.encoded(noise, kind)

        with pytest.raises(BrokenFile):
            clean(data[: max(16, int(len(data) * share))], LIMITS)

    @pytest.mark.parametrize("start", [b"GIF89a", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
    @pytest.mark.parametrize("rest", [b"", bytes(50), SCRIPT, b"\xff" * 1000])
    def test_is_what_only_begins_like_an_image(self, start, rest):
        with pytest.raises(BrokenFile):
            clean(start + rest, LIMITS)

    @pytest.mark.parametrize("kind", FORMATS)
    def test_is_what_claims_to_be_huge_before_it_is_decoded(self, kind, monkeypatch):
        data = pictures.claiming(50_000, 50_000, kind)
        decoded = []
        monkeypatch.setattr(Image.Image, "convert", lambda *_, **__: decoded.append(1))

        with pytest.raises(ImageTooLarge, match="50000"):
            clean(data, LIMITS)
        assert decoded == []

    @pytest.mark.parametrize("size", [(16_384, 1), (1, 16_384)])
    def test_is_what_is_too_long_on_one_side(self, size):
        with pytest.raises(ImageTooLarge, match="one side"):
            clean(pictures.plain("PNG", size), LIMITS)

    @pytest.mark.parametrize("kind", ["GIF", "WEBP"])
    def test_is_an_animation_of_too_many_frames(self, kind):
        with pytest.raises(ImageTooLarge, match="frames"):
            clean(pictures.animated(kind, frames=501, size=(2, 2)), LIMITS)

    @pytest.mark.parametrize("kind", ["GIF", "WEBP"])
    def test_is_an_animation_of_too_many_pixels(self, kind):
        data = pictures.animated(kind, frames=5, size=(100, 100))

        assert len(clean(data, Limits(pixels=50_000)).whole.data) > 0
        with pytest.raises(ImageTooLarge):
            clean(data, Limits(pixels=49_999))

    def test_is_an_animation_that_grows_on_the_way(self):
        with pytest.raises((ImageTooLarge, BrokenFile)):
            clean(pictures.growing_gif(), LIMITS)
