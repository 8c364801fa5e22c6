"""Blocks, anchors and the table of contents."""

import pytest

from cms.content import render


def blocks(source: str, body_format: str = "markdown") -> list[dict]:
    found = render(body_format, source).blocks
    return [{key: block[key] for key in block if key != "html"} for block in found]


TYPED = {
    "## A *b*": {"id": "a-b", "type": "heading", "level": 2, "text": "A b"},
    "a": {"id": "b1", "type": "paragraph"},
    "- a": {"id": "b1", "type": "list", "ordered": False},
    "3. a": {"id": "b1", "type": "list", "ordered": True},
    "![a](b.png)": {"id": "b1", "type": "image", "src": "b.png", "alt": "a"},
    "> a": {"id": "b1", "type": "quote"},
    "```py\na\n```": {"id": "b1", "type": "code", "language": "py", "text": "a\n"},
    "    a": {"id": "b1", "type": "code", "language": None, "text": "a\n"},
    "|a|\n|-|": {"id": "b1", "type": "table"},
    "***": {"id": "b1", "type": "divider"},
    "<dl><dt>a<dd>b</dl>": {"id": "b1", "type": "html"},
    "<figure><img src=a alt=b><figcaption>c</figcaption></figure>": {
        "id": "b1",
        "type": "image",
        "src": "a",
        "alt": "b",
    },
}


@pytest.mark.parametrize("source", TYPED)
def test_a_block_has_a_type_and_what_goes_with_it(source):
    assert blocks(source) == [TYPED[source]]


def test_a_heading_called_like_a_block_keeps_its_name():
    ids = [block["id"] for block in blocks("a\n\n## B1\n\nb\n\n## B3")]

    assert ids == ["b2", "b1", "b4", "b3"]


ANCHORS = {
    "## One\n## One\n## One-2\n## One": ["one", "one-2", "one-2-2", "one-3"],
    "## Was ist MS? — Überblick": ["was-ist-ms-überblick"],
    "## हिन्दी में": ["हिन्दी-में"],
    "## 多発性硬化症": ["多発性硬化症"],
    "## ...": ["section"],
    "## Fn1": ["fn1-2"],
    "## A[^1]\n\n[^1]: b": ["a"],
    '<h2 id="cookie">A</h2>': ["a"],
}


@pytest.mark.parametrize("source", ANCHORS)
def test_anchors_come_from_the_words(source):
    headings = [block for block in blocks(source) if block["type"] == "heading"]

    assert [heading["id"] for heading in headings] == ANCHORS[source]


def test_the_table_of_contents_lists_headings_down_to_the_fourth_level():
    toc = render("markdown", "# A\n## B & *c*\n> #### D\n\n##### E").toc

    assert toc == [
        {"id": "a", "level": 1, "title": "A"},
        {"id": "b-c", "level": 2, "title": "B & c"},
        {"id": "d", "level": 4, "title": "D"},
    ]


def test_an_id_given_twice_stays_once():
    html = render("html", "<li id=fn1>a</li><ol><li id=fn1>b<li id=fn1>c</ol>").html

    assert html.count('id="fn1"') == 1
