"""`media:ID` in bodies: images in several sizes, links to files, and consistent notations."""

import time

import pytest

from cms import content
from cms.content import BodyTooLarge, MediaFile, render
from cms.content.media import MOST_REFERENCES

PHOTO = MediaFile(
    "https://a.example/0/x.jpg",
    "Library",
    900,
    600,
    (
        ("https://a.example/0/x-320w.webp", 320),
        ("https://a.example/0/x.jpg", 900),
    ),
)
SMALL = MediaFile("https://a.example/1/y.png", "", 20, 10)
LEAFLET = MediaFile("https://a.example/2/z.pdf")
LIBRARY = {"0a": PHOTO, "1b": SMALL, "2c": LEAFLET}
SHOWN = (
    '<img src="https://a.example/0/x.jpg" alt="{}"'
    ' srcset="https://a.example/0/x-320w.webp 320w, https://a.example/0/x.jpg 900w"'
    ' sizes="(max-width: 800px) 100vw, 800px" width="900" height="600" loading="lazy">'
)
TINY = '<img src="https://a.example/1/y.png" alt="Dot" width="20" height="10" loading="lazy">'
LINK = '<a href="https://a.example/2/z.pdf" rel="noopener">Leaflet</a>'


def find(ids):
    return {one: LIBRARY[one] for one in ids if one in LIBRARY}


def html_of(source, body_format="markdown"):
    return render(body_format, source, find).html


@pytest.mark.parametrize(
    ("body_format", "source", "html"),
    [
        ("markdown", "![](media:0a)", f"<p>{SHOWN.format('Library')}</p>"),
        ("markdown", "![Own](media:0A)", f"<p>{SHOWN.format('Own')}</p>"),
        ("markdown", "![Dot](media:1b)", f"<p>{TINY}</p>"),
        ("markdown", "[Leaflet](media:2c)", f"<p>{LINK}</p>"),
        ("html", "<p><img src='media:0a'></p>", f"<p>{SHOWN.format('Library')}</p>"),
        ("html", "<p><img src='media&#58;0a' alt=' '></p>", f"<p>{SHOWN.format('Library')}</p>"),
        ("html", "<img width=3 src=media:0a height=4 alt=Own>", f"<p>{SHOWN.format('Own')}</p>"),
        ("html", "<a href='media:2c'>Leaflet</a>", f"<p>{LINK}</p>"),
    ],
)
def test_a_file_of_the_library_is_shown(body_format, source, html):
    found = html_of(source, body_format)

    assert parts(found) == parts(html)


def parts(html):
    """Tags with their attributes in any order."""
    return [sorted(tag.replace(", ", ",").split(" ")) for tag in html.split("<")]


def test_what_the_library_does_not_know_stays_and_is_named():
    rendered = render("markdown", "![x](media:9f) [y](media:0a)", find)

    assert 'src="media:9f"' in rendered.html
    assert (rendered.media.ids, rendered.media.shown) == (("9f", "0a"), {"9f"})


def test_the_library_is_asked_once_for_each_file():
    asked = []

    render(
        "markdown", "![](media:0a) ![](media:0a) [x](media:2c)", lambda ids: asked.append(ids) or {}
    )

    assert asked == [("0a", "2c")]


def test_code_and_text_name_no_file():
    rendered = render("markdown", "media:0a `media:0a`\n\n    media:0a", find)

    assert rendered.media.ids == ()


def test_blocks_are_the_html():
    source = "![](media:0a)\n\ntext ![a](media:1b) [b](media:2c)\n\n- ![](media:0a)"

    rendered = render("markdown", source, find)

    assert "".join(one["html"] for one in rendered.blocks) == rendered.html
    again = content.to_blocks(rendered.html)
    assert again == rendered.blocks
    assert (again[0]["type"], again[0]["src"], again[0]["alt"]) == ("image", PHOTO.url, "Library")


def test_finished_html_becomes_short_markdown_again():
    html = html_of("<p><img src='media:0a' alt='Own'></p>", "html")

    assert content.to_markdown(html) == f"![Own]({PHOTO.url})\n"


@pytest.mark.parametrize("alt", ['"><script>alert(1)</script>', "' onload='x", "<b>", "a&quot;b"])
def test_words_of_the_library_are_words_only(alt):
    hostile = MediaFile("https://a.example/0/x.jpg", alt, 9, 6)

    html = render("markdown", "![](media:0a)", lambda _ids: {"0a": hostile}).html

    assert content.images_of(html) == [(hostile.url, alt)]
    assert "<script" not in html


@pytest.mark.parametrize(
    "attribute", ["srcset='//evil.example/x 1w'", "loading=eager", "sizes=1px", "onload=x"]
)
def test_an_author_can_not_write_those_attributes(attribute):
    html = html_of(f"<img src='https://b.example.org/x.png' {attribute}>", "html")

    assert html == '<p><img src="https://b.example.org/x.png"></p>'


def test_a_body_names_only_so_many_files():
    html_of("![](media:0a)" * MOST_REFERENCES)

    with pytest.raises(BodyTooLarge):
        html_of("![](media:0a)" * MOST_REFERENCES + "[x](media:2c)")


def test_many_files_and_much_text_take_little_time():
    source = "![](media:0a) some words\n\n" * MOST_REFERENCES + "word " * 10_000

    start = time.process_time()
    html = html_of(source)

    assert time.process_time() - start < 2
    assert len(html) < 400 * MOST_REFERENCES + len(source)


def test_images_without_words_are_found():
    html = html_of("![](media:1b) ![x](https://b.example.org/y.png) ![](https://b.example.org/z)")

    silent = [source for source, alt in content.images_of(html) if not alt]

    assert silent == [SMALL.url, "https://b.example.org/z"]
