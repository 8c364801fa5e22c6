"""What each notation of Markdown and HTML becomes."""

import pytest

from cms.content import render

MARKDOWN = {
    "*a* **b** ~~c~~ `d`": "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>",
    "a  \nb": "<p>a<br>\nb</p>",
    "[a](/b)": '<p><a href="/b">a</a></p>',
    "[a](#b)": '<p><a href="#b">a</a></p>',
    "[a](https://e.example)": '<p><a href="https://e.example" rel="noopener">a</a></p>',
    "<m@e.example>": '<p><a href="mailto:m@e.example">m@e.example</a></p>',
    "![a](media:0a-1)": '<p><img src="media:0a-1" alt="a"></p>',
    "- [ ] a\n- [X] b": '<ul>\n<li class="task-list-item">☐ a</li>\n'
    '<li class="task-list-item">☑ b</li>\n</ul>',
    "```C++ x\na\n```": '<pre><code class="language-c++">a\n</code></pre>',
    "```a/b\nc\n```": "<pre><code>c\n</code></pre>",
    "# One": '<h1 id="one">One</h1>',
    "a <b>c": "<p>a <b>c</b></p>",
    "---": "<hr>",
}

HTML = {
    "a<div>b</div>c": "<p>a</p><p>b</p><p>c</p>",
    "<div>a</div><div>b</div>": "<p>a</p><p>b</p>",
    "<section><h2>A</h2>b</section>": '<h2 id="a">A</h2><p>b</p>',
    "<p>a<p>b": "<p>a</p><p>b</p>",
    "<ul><li>a<li>b</ul>": "<ul><li>a</li><li>b</li></ul>",
    "<ul>a<ul><li>b</ul></ul>": "<ul><li>a<ul><li>b</li></ul></li></ul>",
    "<table><td>a<td align=right>b": "<table><tbody><tr><td>a</td>"
    '<td class="align-right">b</td></tr></tbody></table>',
    "<table>a<tr><td>b</table>": "<table><tbody><tr><td>a</td></tr>"
    "<tr><td>b</td></tr></tbody></table>",
    '<table><td style="color:red;text-align: center">a': "<table><tbody><tr>"
    '<td class="align-center">a</td></tr></tbody></table>',
    "<a href=/x><h2>A</h2><p>b</p></a>": '<h2 id="a"><a href="/x">A</a></h2>'
    '<p><a href="/x">b</a></p>',
    "<input type=checkbox checked> a": "<p>☑ a</p>",
    "<p>&nbsp;</p><p>a</p>": "<p>a</p>",
    "<pre>\n\na</pre>": "<pre><code>\na</code></pre>",
    "<p id=x class='lead align-left'>a</p>": '<p class="align-left">a</p>',
    "<font color=red>a</font> <video>b</video>": "<p>a </p><p>b</p>",
    "<p>a <script> b <svg> c</p>": "<p>a  b  c</p>",
    "<title>a</title>b<script>c</script >d": "<p>bd</p>",
    "<html><head><title>a</title><body><p>b": "<p>b</p>",
    "a <b": "<p>a &lt;b</p>",
    "1 < 2 && 3 > 2": "<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>",
}


@pytest.mark.parametrize("source", MARKDOWN)
def test_markdown_becomes_html(source):
    assert render("markdown", source).html == MARKDOWN[source]


@pytest.mark.parametrize("source", HTML)
def test_html_is_tidied(source):
    assert render("html", source).html == HTML[source]


def test_table_cells_are_aligned_by_class():
    html = render("markdown", "| a | b |\n|:-:|--:|\n| c | d |").html

    assert '<th class="align-center">a</th>' in html
    assert '<td class="align-right">d</td>' in html
    assert "style" not in html


def test_footnotes_link_there_and_back():
    html = render("markdown", "a[^x]\n\n[^x]: b").html

    assert '<sup class="footnote-ref"><a href="#fn1" id="fnref1">[1]</a></sup>' in html
    assert '<ol class="footnotes">\n<li id="fn1" class="footnote-item"><p>b ' in html
    assert '<a href="#fnref1" class="footnote-backref">' in html


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="rst"):
        render("rst", "a")


@pytest.mark.parametrize("source", ["", " \n\t\n", "<!-- -->", "<p></p>", "<script>a</script>"])
@pytest.mark.parametrize("body_format", ["markdown", "html"])
def test_a_body_of_nothing_is_empty(body_format, source):
    body = render(body_format, source)

    assert (body.html, body.blocks, body.toc, body.text, body.word_count) == ("", [], [], "", 0)
