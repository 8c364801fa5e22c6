"""Comments: text in paragraphs, and a little Markdown."""

import re

import pytest

from cms.content import render_comment
from tests.content.hostile import HOSTILE, violations

REL = 'rel="nofollow ugc noopener"'
COMMENTS = {
    "": ("", ""),
    "  \n ": ("", ""),
    "a": ("<p>a</p>", "a"),
    "a\r\nb\n\n\n\nc": ("<p>a<br>b</p><p>c</p>", "a\nb\n\nc"),
    " a   b \n \n c": ("<p>a   b</p><p>c</p>", "a b\n\nc"),
    "<b>&\"'": ("<p>&lt;b&gt;&amp;\"'</p>", "<b>&\"'"),
    "a\x00\x1b[31m\ud800": ("<p>a[31m</p>", "a[31m"),
    "*c* **d** _e_": ("<p><em>c</em> <strong>d</strong> <em>e</em></p>", "c d e"),
    "[a](b) \\*c\\*": ("<p>[a](b) *c*</p>", "[a](b) *c*"),
    "[a](https://x.org/?a&b 'T')": (
        f'<p><a href="https://x.org/?a&amp;b" {REL}>a</a></p>',
        "a",
    ),
    "(https://x.org/a_b).": (
        f'<p>(<a href="https://x.org/a_b" {REL}>https://x.org/a_b</a>).</p>',
        "(https://x.org/a_b).",
    ),
    "<mailto:a@x.org>": (f'<p><a href="mailto:a@x.org" {REL}>mailto:a@x.org</a></p>', None),
    "[x](javascript:alert(1))": ("<p>[x](javascript:alert(1))</p>", None),
    "> q\n\n- a\n- b\n\n2. x": (
        "<blockquote><p>q</p></blockquote><ul><li>a</li><li>b</li></ul>"
        '<ol start="2"><li>x</li></ol>',
        "q\n\na\nb\n\nx",
    ),
    "`<b>`\n\n```js\n<i>\n x\n```": (
        "<p><code>&lt;b&gt;</code></p><pre><code>&lt;i&gt;\n x\n</code></pre>",
        "<b>\n\n<i>\n x",
    ),
    "# a\n\n---\n\n&lt; ![i](y)": ("<p># a</p><p>---</p><p>&amp;lt; ![i](y)</p>", None),
    "    a\n\n[x]: https://x.org": (None, "a\n\n[x]: https://x.org"),
}
ELEMENTS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "a"}


@pytest.mark.parametrize("source", COMMENTS)
def test_a_comment_is_text_with_a_little_markdown(source):
    html, text = COMMENTS[source]
    comment = render_comment(source)

    assert html in (None, comment.html)
    assert text in (None, comment.text)


@pytest.mark.threat("B1")
def test_hostile_comments_hold_few_elements_and_no_others_attributes():
    for source in HOSTILE:
        html = render_comment(f"{source}\n\n> *{source}*").html
        assert violations(html) == [], source
        assert set(re.findall(r"</?([a-z0-9]+)", html)) <= ELEMENTS
        assert set(re.findall(r" ([a-z]+)=\"", re.sub(r">[^<]*<", "><", html))) <= {"href", "rel"}
