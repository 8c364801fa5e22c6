"""What must not be uploaded: input, status, reason; and nothing changed."""

import io

import pytest

from tests import building
from tests.api.refusals import assert_problem, contents
from tests.files import pictures

pytestmark = pytest.mark.threat("B13")

MEDIA = "/api/v1/manage/media"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
FORM = "multipart/form-data"


form_of = building.form


def parts(number, data=b"x", name="p{}"):
    """A form of many parts, as bytes."""
    one = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n'
    body = b"".join(one.format(name.format(n)).encode() + data + b"\r\n" for n in range(number))
    return {"data": body + b"--b--\r\n", "content_type": f"{FORM}; boundary=b"}


def raw(body, content_type=f"{FORM}; boundary=b"):
    return {"data": body, "content_type": content_type}


def said_of_a_picture(alt):
    """A whole form, in bytes."""
    one = b'--b\r\nContent-Disposition: form-data; name="%s\r\n\r\n%s\r\n'
    file = one % (b'file"; filename="x.jpg"', building.picture())
    return raw(file + one % (b'alt"', alt) + b"--b--\r\n")


WRONG = {
    "SVG named .png": (lambda: form_of(SVG), 415, "unsupported_file"),
    "SVG that says it is one": (
        lambda: {"data": {"file": (io.BytesIO(SVG), "x.svg", "image/svg+xml")}},
        415,
        "unsupported_file",
    ),
    "HTML named .jpg": (lambda: form_of(b"<!DOCTYPE html>", "x.jpg"), 415, "unsupported_file"),
    "a program": (lambda: form_of(b"\x7fELF" + bytes(99), "x.gif"), 415, "unsupported_file"),
    "an image of another kind": (
        lambda: form_of(pictures.plain("BMP"), "x.jpg"),
        415,
        "unsupported_file",
    ),
    "GIF that is only a script": (
        lambda: form_of(b"GIF89a/*" + bytes(9) + b"*/=1;alert(1)"),
        422,
        "broken_file",
    ),
    "truncated JPEG": (
        lambda: form_of(pictures.plain("JPEG", (400, 400))[:-400]),
        422,
        "broken_file",
    ),
    "empty file": (lambda: form_of(b""), 422, "empty_file"),
    "50,000 x 50,000 PNG": (
        lambda: form_of(pictures.claiming(50_000, 50_000, "PNG")),
        422,
        "image_too_large",
    ),
    "50,000 x 50,000 JPEG": (
        lambda: form_of(pictures.claiming(50_000, 50_000, "JPEG")),
        422,
        "image_too_large",
    ),
    "16,000 x 16,000 WebP": (
        lambda: form_of(pictures.claiming(16_000, 16_000, "WEBP")),
        422,
        "image_too_large",
    ),
    "animated bomb of frames": (
        lambda: form_of(pictures.animated("GIF", frames=501, size=(2, 2))),
        422,
        "image_too_large",
    ),
    "animated bomb of pixels": (
        lambda: form_of(pictures.animated("GIF", frames=6, size=(3000, 3000))),
        422,
        "image_too_large",
    ),
    "too many bytes": (lambda: form_of(b"%PDF-1.4" + bytes(20_000_000)), 413, "body_too_large"),
    "far too many bytes": (
        lambda: form_of(b"%PDF-1.4" + bytes(21_000_000)),
        413,
        "body_too_large",
    ),
    "10,000 parts": (lambda: parts(10_000), 413, "too_many_parts"),
    "10,000 files": (
        lambda: parts(10_000, name='file"; filename="{}'),
        413,
        "too_many_parts",
    ),
    "much text": (lambda: form_of(building.picture(), alt="x" * 200_000), 413, "too_many_parts"),
    "no file": (lambda: {"data": {"alt": "x"}, "content_type": FORM}, 422, "validation_failed"),
    "text where the file goes": (
        lambda: {"data": {"file": "x"}, "content_type": FORM},
        422,
        "validation_failed",
    ),
    "two files": (
        lambda: {"data": {"file": [(io.BytesIO(b"a"), "a"), (io.BytesIO(b"b"), "b")]}},
        422,
        "validation_failed",
    ),
    "an unknown field": (
        lambda: form_of(building.picture(), created_by=building.NOWHERE),
        422,
        "validation_failed",
    ),
    "a field twice": (
        lambda: {"data": {"file": (io.BytesIO(b"a"), "a"), "alt": ["x", "y"]}},
        422,
        "validation_failed",
    ),
    "a file as a field": (
        lambda: {"data": building.upload(b"a") | {"alt": (io.BytesIO(b"a"), "a")}},
        422,
        "validation_failed",
    ),
    "long words": (
        lambda: form_of(building.picture(), alt="x" * 501),
        422,
        "validation_failed",
    ),
    "control characters": (
        lambda: form_of(building.picture(), alt="a\x00b"),
        400,
        "forbidden_character",
    ),
    **{
        f"a focal point at {value!r}": (
            lambda value=value: form_of(building.picture(), focal_x=value),
            422,
            "validation_failed",
        )
        for value in ("", "-0.1", "1.1", "NaN", "Infinity", "1e-1", "\u0660", " 0.5", "0,5", "x")
    },
    "JSON": (lambda: {"json": {"file": "x"}}, 415, "unsupported_media_type"),
    "a bare file": (
        lambda: raw(building.picture(), "image/jpeg"),
        415,
        "unsupported_media_type",
    ),
    "nothing": (dict, 415, "unsupported_media_type"),
    "a form without a boundary": (lambda: raw(b"x", FORM), 400, "malformed_form"),
    "a form that does not end": (
        lambda: raw(b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nx'),
        400,
        "malformed_form",
    ),
    "an alternative text that is no UTF-8": (
        lambda: said_of_a_picture(b"\xed\xa0\x80\xff"),
        400,
        "malformed_form",
    ),
    "a form of nonsense": (lambda: raw(bytes(1000)), 400, "malformed_form"),
}

# Making it takes seconds.
SLOW = {"animated bomb of pixels"}
NAMES = [pytest.param(name, marks=pytest.mark.thorough) if name in SLOW else name for name in WRONG]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_wrong_is_refused_and_changes_nothing(app, admin, name):
    request, status, reason = WRONG[name]
    before, files = contents(app), kept(app)

    answer = admin.post(MEDIA, **request())

    assert_problem(answer, status, reason)
    assert contents(app) == before
    assert kept(app) == files


def kept(app):
    return sorted(app.config["CMS"].data_dir.rglob("media/*"))


def test_a_picture_that_is_also_a_script_loses_the_script(client, admin):
    made = building.media(admin, pictures.polyglot_gif(), name="x.js")

    answer = client.get(made["url"].removeprefix("http://api.example.org"))

    assert (answer.status_code, answer.content_type) == (200, "image/gif")
    assert b"alert" not in answer.data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_camera_and_place_are_gone_from_every_file(client, admin, kind):
    made = building.media(admin, pictures.with_exif(kind, orientation=6))

    addresses = [made["url"], *(one["url"] for one in made["renditions"])]
    for url in addresses:
        data = client.get(url.removeprefix("http://api.example.org")).data
        image = pictures.opened(data)
        assert (image.size, dict(image.getexif())) == ((40, 60), {})
        assert pictures.CAMERA.encode() not in data
        assert pictures.PLACE.encode() not in data


def test_a_viewer_is_refused_before_the_file_is_looked_at(sign_in):
    answer = sign_in("viewer").post(MEDIA, **form_of(b"nonsense"))

    assert_problem(answer, 403, "media_create")
