"""Feeds and sitemaps as programs of others read them, whatever stands in the records."""

import pytest
from lxml import etree

from cms.content.feeds import WRITERS, Feed, Item, Person
from cms.content.sitemap import Page, sitemap, sitemap_index
from tests.syndicated import mapped, parsed

TIME = "2026-11-22T10:00:00.123Z"
PAGE = "https://www.example.org/posts/größe"
HOSTILE = [
    "<script>alert(1)</script>",
    "</title></item></channel><x>",
    "]]><b>",
    "&lt;b&gt; &amp; & &nope; &#0;",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
    "<?xml version='1.1'?>",
    "\"' onload=x",
    "\u202eabc\u2028 🏳️‍🌈 שלום",
]
UNCARRIED = "a\x00b\x0bc\x1b[31md\ufffee\ud800f"


def item(text: str, html: str = "<p>a</p>") -> Item:
    return Item(
        id="urn:uuid:1",
        url=PAGE,
        title=text,
        html=html,
        summary=text,
        published=TIME,
        updated=TIME,
        authors=(Person(name=text, url="https://a.example.org/?a=1&b=2"), Person(name="B")),
        tags=(text, "b"),
        image="https://api.example.org/ü.jpg?a&b",
        answers="urn:uuid:0",
    )


def feed(*items: Item) -> Feed:
    links = {"home": "https://www.example.org", "url": "https://api.example.org/feed?a=1&b=2"}
    return Feed(title=f"{HOSTILE[0]}", items=items, language="en", more=PAGE, **links)


@pytest.mark.parametrize("notation", WRITERS)
def test_a_reader_has_the_words_that_were_written(notation):
    write, _ = WRITERS[notation]

    for text in HOSTILE:
        (found,) = parsed(write(feed(item(text, f"<p>{text}</p>"))), notation)
        assert found["title"] == text
        assert found["html"] == f"<p>{text}</p>"
        assert (found["tags"], found["authors"]) == ([text, "b"], [text, "B"])
        assert found["published"] == (2026, 11, 22, 10, 0, 0)


@pytest.mark.parametrize("notation", WRITERS)
def test_an_empty_feed_is_one(notation):
    write, _ = WRITERS[notation]

    assert parsed(write(feed()), notation) == []
    assert write(feed()) == write(feed())


@pytest.mark.parametrize("notation", ["atom", "rss"])
def test_what_xml_can_not_carry_is_left_out(notation):
    write, _ = WRITERS[notation]

    (found,) = parsed(write(feed(item(UNCARRIED, UNCARRIED))), notation)

    assert found["title"] == found["html"] == "abc[31mdef"


def test_a_summary_is_text_also_where_html_is_read():
    document = etree.fromstring(WRITERS["rss"][0](feed(item("<b> & c"))))

    assert document.findtext("channel/item/description") == "&lt;b&gt; &amp; c"


BODIES = {
    '<p><a href="/a">a</a> <a href="b?c=1&amp;d=2">b</a></p>': (
        '<p><a href="https://www.example.org/a">a</a>'
        ' <a href="https://www.example.org/posts/b?c=1&amp;d=2">b</a></p>'
    ),
    '<p><a href="#c">c</a></p>': f'<p><a href="{PAGE}#c">c</a></p>',
    '<img src="//b.example.org/a.png" alt="d">': (
        '<img src="https://b.example.org/a.png" alt="d">'
    ),
    '<a href="//[">e</a><a href="/f">f</a>': (
        '<a href="//[">e</a><a href="https://www.example.org/f">f</a>'
    ),
    'before <a href="mailto:a@example.org">g</a>': 'before <a href="mailto:a@example.org">g</a>',
    '<p>&lt;a href="/h"&gt; &amp;amp;</p>': '<p>&lt;a href="/h"&gt; &amp;amp;</p>',
}


@pytest.mark.parametrize("html", BODIES)
def test_addresses_in_a_body_are_whole(html):
    assert item("a", html).content == BODIES[html]


def test_a_sitemap_is_one_whatever_the_addresses_hold():
    urls = [f"https://www.example.org/{text}" for text in ["a&b", "ü 漢", "<script>", "'\"", "%20"]]
    spanish = (("en", urls[0]), ("es", urls[1]))

    found = mapped(sitemap(Page(url=url, modified=TIME, languages=spanish) for url in urls))

    root = "https://www.example.org/"
    assert list(found) == [
        f"{root}a&b",
        f"{root}%C3%BC%20%E6%BC%A2",
        f"{root}%3Cscript%3E",
        f"{root}'%22",
        f"{root}%20",
    ]
    assert found[f"{root}a&b"] == {"en": f"{root}a&b", "es": f"{root}%C3%BC%20%E6%BC%A2"}
    assert list(mapped(sitemap_index(urls))) == list(found)


@pytest.mark.parametrize("empty", [sitemap([]), sitemap_index([])])
def test_a_sitemap_of_nothing_is_none(empty):
    with pytest.raises(etree.DocumentInvalid):
        mapped(empty)


def test_a_sitemap_tells_no_time_of_a_page_that_has_none():
    found = sitemap([Page(url="https://www.example.org/")])

    assert list(mapped(found)) == ["https://www.example.org/"]
    assert b"lastmod" not in found
