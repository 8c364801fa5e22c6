"""Whatever comes in, only allowed markup goes out."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cms.content import render, render_comment
from cms.content.blocks import blocks_of
from cms.content.markdown import to_html
from cms.content.tree import parse
from tests.content.hostile import HOSTILE, violations

pytestmark = pytest.mark.threat("B1")

FORMATS = ["markdown", "html"]

HIDDEN = [
    "<!-- hidden -->",
    "a <!-- hidden --> b",
    "<!--\nhidden\n\nhidden -->",
    "<script>hidden</script>",
    "<style>hidden</style>",
    "<template hidden></template>",
    "<p onclick='hidden' data-x=hidden>a</p>",
    "<?hidden?>",
    "<!HIDDEN hidden>",
]
HIDDEN_MARKDOWN = ["[//]: # (hidden)", "[hidden]: /hidden 'hidden'", "[^hidden]: hidden"]

TAGS_AND_MARKS = r"""
    <p> </p> <b> </b> <a> </a> <i> </i> <ul> <ol> </ul> <li> </li> <table> </table> <tr>
    <td> </td> <th> <pre> </pre> <code> </code> <h2> </h2> <div> </div> <hr> <blockquote>
    </blockquote> <dl> <dt> <dd> <figure> </figure> <br> <caption> <thead> <tbody> </tbody>
    <figcaption> <svg> </svg> <style> <math> <form> <sub> <!-- --> <script> </script>
    <template> <select> <title> * ** _ ` ``` ~~ [ ] ( ) ! | # - + 1. 1) > = & &amp; &lt;
    &nbsp; &#13; &#x85; ^ : <em> </em> <strong> <del> [^1] a
"""
PIECES = [
    *TAGS_AND_MARKS.split(),
    *["\\", '<img src="x" alt="y|z">', '<a href="https://e.example/?a&copy=1">'],
    *['<li class="task-list-item">', '<a href="x" id="fn1">', '<h3 id="fn1">'],
    *["<input type=checkbox checked>", '<td align="right">', "[^1]: ", "[ ] "],
    *["| a | b |\n|---|--:|\n| c | d |\n", "```py\n", "    ", "> ", "- ", "\n", "\n\n"],
    *[" ", "\t", "b c", "é", "日本", "\xa0", "\u2003", "\x0b", "\x85", "\r", "\ud800"],
]
SOURCES = st.lists(st.sampled_from(PIECES + HOSTILE) | st.text(max_size=4), max_size=40).map(
    "".join
)


@pytest.mark.parametrize("body_format", FORMATS)
@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_markup_does_not_get_out(body_format, source):
    assert violations(render(body_format, source).html) == []


@pytest.mark.parametrize("body_format", FORMATS)
@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_markup_is_not_in_the_markdown_either(body_format, source):
    # As a reader shows it that lets HTML through.
    assert violations(to_html(render(body_format, source).markdown)) == []


@pytest.mark.parametrize("body_format", FORMATS)
@pytest.mark.parametrize("source", HIDDEN)
@pytest.mark.parametrize("notation", ["html", "markdown", "text", "blocks", "toc"])
def test_what_no_reader_sees_is_in_no_notation(body_format, source, notation):
    body = render(body_format, f"seen\n\n{source}\n\nlast")

    assert "hidden" not in str(getattr(body, notation))
    assert "seen" in body.text


@pytest.mark.parametrize("source", HIDDEN_MARKDOWN)
def test_what_markdown_hides_is_in_no_notation(source):
    body = render("markdown", f"seen\n\n{source}\n\nlast")

    assert "hidden" not in body.html + body.markdown + body.text + str(body.blocks)


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_comments_are_shown_as_text(source):
    assert violations(render_comment(source).html) == []


@pytest.mark.parametrize("body_format", FORMATS)
@given(source=SOURCES)
@settings(max_examples=250, deadline=None)
@pytest.mark.thorough
def test_nothing_forbidden_gets_out_of_any_mixture(body_format, source):
    assert violations(render(body_format, source).html) == []


@pytest.mark.parametrize("body_format", FORMATS)
@given(source=SOURCES)
@settings(max_examples=250, deadline=None)
def test_what_went_out_comes_back_the_same(body_format, source):
    first = render(body_format, source)

    second = render("html", first.html)

    assert (second.html, second.text) == (first.html, first.text)


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
@settings(max_examples=250, deadline=None)
def test_markdown_made_from_markdown_says_the_same(pieces):
    body = render("markdown", "".join(pieces))

    assert render("markdown", body.markdown).text == body.text


UNSEEN = re.compile(r"script|svg|style|math|title|template|<[^>]*$", re.IGNORECASE)
BENIGN = [piece for piece in PIECES if not UNSEEN.search(piece)]


@given(pieces=st.lists(st.sampled_from(BENIGN), max_size=30))
@settings(max_examples=250, deadline=None)
def test_no_word_is_lost_from_html(pieces):
    words = [f"w{number}w" for number in range(len(pieces))]
    source = "".join(map("".join, zip(pieces, words, strict=True)))

    assert re.findall(r"w[0-9]+w", render("html", source).text) == words


@pytest.mark.parametrize("body_format", FORMATS)
@given(source=SOURCES)
@settings(max_examples=250, deadline=None)
def test_the_blocks_joined_are_the_html_and_ids_are_unique(body_format, source):
    body = render(body_format, source)
    ids = [block["id"] for block in body.blocks]

    assert "".join(block["html"] for block in body.blocks) == body.html
    assert len(set(ids)) == len(ids)


@given(source=SOURCES)
@settings(max_examples=400, deadline=None)
def test_markdown_made_from_html_says_the_same(source):
    body = render("html", source)

    assert render("markdown", body.markdown).text == body.text


@pytest.mark.parametrize("body_format", FORMATS)
@given(source=SOURCES)
@settings(max_examples=250, deadline=None)
def test_finished_html_means_the_same_to_the_next_parser(body_format, source):
    html = render(body_format, source).html

    assert "".join(block["html"] for block in blocks_of(parse(html))) == html
