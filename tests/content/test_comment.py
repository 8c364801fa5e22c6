"""Comments: plain text in paragraphs."""

import pytest

from cms.content import render_comment

COMMENTS = {
    "": ("", ""),
    "  \n ": ("", ""),
    "a": ("<p>a</p>", "a"),
    "a\r\nb\n\n\n\nc": ("<p>a<br>b</p><p>c</p>", "a\nb\n\nc"),
    " a   b \n \n c": ("<p>a b</p><p>c</p>", "a b\n\nc"),
    "<b>&\"'": ("<p>&lt;b&gt;&amp;&quot;&#x27;</p>", "<b>&\"'"),
    "[a](b) *c*": ("<p>[a](b) *c*</p>", "[a](b) *c*"),
    "a\x00\x1b[31m\ud800": ("<p>a[31m</p>", "a[31m"),
}


@pytest.mark.parametrize("source", COMMENTS)
def test_a_comment_is_plain_text(source):
    comment = render_comment(source)

    assert (comment.html, comment.text) == COMMENTS[source]
