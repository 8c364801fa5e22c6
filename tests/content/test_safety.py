"""Whatever comes in, only allowed markup goes out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cms.content import render, render_comment
from tests.content.hostile import HOSTILE, violations

FORMATS = ["markdown", "html"]

PIECES = [
    *"<p> </p> <b> </b> <a> </a> <i> </i> <ul> <ol> </ul> <li> </li> <table> </table>".split(),
    *"<tr> <td> </td> <th> <pre> </pre> <code> </code> <h2> </h2> <div> </div> <hr>".split(),
    *"<blockquote> </blockquote> <dl> <dt> <dd> <figure> </figure> <br> <caption>".split(),
    *"<thead> <tbody> </tbody> <figcaption> <svg> </svg> <style> <math> <form> <sub>".split(),
    *"<!-- --> <script> </script> <template> <select> <title> * ** _ ` ``` ~~ [ ] ( ) ! | #".split(),
    *"- + 1. 1) > = & &amp; &lt; &nbsp; &#13; &#x85; \\ ^ : <em> </em> <strong> <del>".split(),
    *['<img src="x" alt="y|z">', '<a href="https://e.example/?a&copy=1">', '<li class="task-list-item">'],
    *['<a href="x" id="fn1">', '<h3 id="fn1">', "<input type=checkbox checked>", '<td align="right">'],
    *["[^1]", "[^1]: ", "[ ] ", "| a | b |\n|---|--:|\n| c | d |\n", "```py\n", "    ", "> ", "- "],
    *["\n", "\n\n", " ", "\t", "a", "b c", "é", "日本", "\xa0", "\u2003", "\x0b", "\x85", "\r", "\ud800"],
]
SOURCES = st.lists(st.sampled_from(PIECES + HOSTILE), max_size=40).map("".join)


@pytest.mark.parametrize("body_format", FORMATS)
@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_markup_does_not_get_out(body_format, source):
    assert violations(render(body_format, source).html) == []


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_comments_are_shown_as_text(source):
    assert "<" not in render_comment(source).html.replace("<p>", "").replace("</p>", "").replace(
        "<br>", ""
    )


@pytest.mark.parametrize("body_format", FORMATS)
@given(source=SOURCES)
@settings(max_examples=250, deadline=None)
def test_nothing_forbidden_gets_out_of_any_mixture(body_format, source):
    assert violations(render(body_format, source).html) == []


@pytest.mark.parametrize("body_format", FORMATS)
@given(source=SOURCES)
@settings(max_examples=250, deadline=None)
def test_what_went_out_comes_back_the_same(body_format, source):
    first = render(body_format, source)

    second = render("html", first.html)

    assert (second.html, second.text) == (first.html, first.text)


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
