"""Plain text, its length, and Markdown made from HTML."""

import pytest

from cms.content import reading_minutes, render

TEXTS = {
    "a\nb\n\nc": "a b\n\nc",
    "a  \nb": "a\nb",
    "- a\n- b\n  - c\n\nd": "a\nb\nc\n\nd",
    "- a\n\n- b": "a\nb",
    "|a|b|\n|-|-|\n|c|d|": "a\tb\nc\td",
    "```\na  b\n\nc\n```": "a  b\n\nc",
    "> a\n>\n> b": "a\n\nb",
    "a<b>b</b>c": "abc",
    "&lt;a&gt; &amp;&nbsp;b": "<a> & b",
    "![a](b)": "",
    "a[^1]\n\n[^1]: b": "a[1]\n\nb",
}


@pytest.mark.parametrize("source", TEXTS)
def test_text_is_what_a_reader_reads(source):
    assert render("markdown", source).text == TEXTS[source]


COUNTS = {
    "one two": 2,
    "one - two": 2,
    "well-known don't": 2,
    "one—two": 2,
    "हिन्दी में": 2,
    "多発性": 3,
    "MS は 2": 3,
    "* * *": 0,
}


@pytest.mark.parametrize("source", COUNTS)
def test_words_are_counted_in_any_script(source):
    assert render("html", source).word_count == COUNTS[source]


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (1, 1), (200, 1), (201, 1), (614, 3)])
def test_reading_time_is_to_the_nearest_minute_and_at_least_one(words, minutes):
    assert reading_minutes(words) == minutes


MARKDOWN = {
    "<h2>A</h2><p>b <em>c</em> <strong>d</strong></p>": "## A\n\nb *c* **d**\n",
    "<ul><li>a<ul><li>b</ul><li>c</ul>": "- a\n  - b\n- c\n",
    "<ol start=3><li>a<li>b</ol>": "3. a\n4. b\n",
    "<p>1. a</p><p># b</p><p>*c*</p>": "1\\. a\n\n\\# b\n\n\\*c\\*\n",
    '<p><a href="https://e.example/?a=1&amp;b=2">a</a></p>': "[a](https://e.example/?a=1&amp;b=2)\n",
    '<p><img src="media:1" alt="a"></p>': "![a](media:1)\n",
    "<blockquote><p>a</p><p>b</p></blockquote>": "> a\n>\n> b\n",
    '<pre><code class="language-py">a\n\nb\n</code></pre>': "```py\na\n\nb\n```\n",
    "<table><tr><th>a<th>b<tr><td>c<td>d</table>": "| a | b |\n| --- | --- |\n| c | d |\n",
    "<table><tr><td>a</table>": "<table><tbody><tr><td>a</td></tr></tbody></table>\n",
    "<p>H<sub>2</sub>O<br>a</p>": "H<sub>2</sub>O<br>a\n",
    "<ul><li>a</ul><ul><li>b</ul>": "- a\n\n<!-- -->\n\n- b\n",
    "<p>a<em> b</em>c</p>": "a<em> b</em>c\n",
    "<hr>": "***\n",
}


@pytest.mark.parametrize("source", MARKDOWN)
def test_html_becomes_markdown(source):
    assert render("html", source).markdown == MARKDOWN[source]


def test_markdown_is_written_from_what_is_shown():
    source = "*  a <!-- b -->\r\n\r\n__c__\n\n[//]: # (d)\n\n<script>e</script>"

    assert render("markdown", source).markdown == "- a\n\n**c**\n"
