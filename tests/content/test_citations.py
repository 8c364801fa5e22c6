"""`[^s1]` becomes a link to the first source; ordinary footnotes stay what they are."""

import pytest

from cms.content import cited_sources, render
from tests.content.hostile import violations

FIRST = '<sup class="footnote-ref source-ref"><a href="#source-1">[1]</a></sup>'
FORMATS = ["markdown", "html"]


@pytest.mark.parametrize("body_format", FORMATS)
def test_a_mark_becomes_a_raised_link_to_the_source(body_format):
    html = render(body_format, "Warmth helps.[^s1]").html

    assert html == f"<p>Warmth helps.{FIRST}</p>"
    assert violations(html) == []


@pytest.mark.parametrize("body_format", FORMATS)
def test_a_source_may_be_cited_often_and_counts_once(body_format):
    rendered = render(body_format, "One[^s2], two[^s1], three[^s2].")

    assert rendered.html.count("source-ref") == 3
    assert cited_sources(rendered.html) == [2, 1]


@pytest.mark.parametrize(
    ("body_format", "source"),
    [
        ("markdown", "`[^s1]`"),
        ("markdown", "    [^s1]"),
        ("markdown", "```\n[^s1]\n```"),
        ("markdown", r"\[^s1]"),
        ("markdown", "<div>\n[^s1]\n</div>"),
        ("markdown", "![a [^s1]](/a.png)"),
        ("html", "<code>[^s1]</code>"),
        ("html", "<pre>a <b>[^s1]</b></pre>"),
        ("html", '<a href="/x">[^s1]</a>'),
        ("html", '<img src="/a.png" alt="[^s1]">'),
        ("html", "&#91;^s1]"),
        *[(name, mark) for name in FORMATS for mark in ("[^s0]", "[^s01]", "[^s1000]", "[^s]")],
        *[(name, mark) for name in FORMATS for mark in ("[^S1]", "[^s1 ]", "[^ s1]", "[s1]")],
    ],
)
def test_what_only_looks_like_one_stays_text(body_format, source):
    html = render(body_format, source).html

    assert "source-ref" not in html
    assert html


def test_a_mark_with_a_footnote_of_its_own_is_that_footnote():
    html = render("markdown", "A[^s1] and B[^s2].\n\n[^s1]: A note.").html

    assert 'href="#fn1"' in html
    assert "A note." in html
    assert cited_sources(html) == [2]


def test_footnotes_and_citations_stand_side_by_side():
    html = render("markdown", "A[^1] and B[^s1].\n\n[^1]: A note with [^s3].").html

    assert '<a href="#fn1" id="fnref1">[1]</a>' in html
    assert cited_sources(html) == [1, 3]


@pytest.mark.parametrize("body_format", FORMATS)
def test_a_heading_that_cites_keeps_its_title_and_its_anchor(body_format):
    source = {"markdown": "## Heat [^s1]", "html": "<h2>Heat [^s1]</h2>"}[body_format]

    assert render(body_format, source).toc == [{"id": "heat", "level": 2, "title": "Heat"}]


def test_no_heading_takes_the_place_of_a_source():
    assert render("markdown", "## Source 1").toc[0]["id"] == "source-1-2"


def test_a_link_that_somebody_wrote_is_no_citation():
    assert cited_sources(render("html", '<a href="#source-1">here</a>').html) == []


@pytest.mark.parametrize("body_format", FORMATS)
def test_a_citation_survives_the_way_to_markdown_and_back(body_format):
    once = render(body_format, "Warmth `[^s2]` helps[^s1].")

    assert render("markdown", once.markdown).html == once.html
