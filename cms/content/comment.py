"""Comments are text with a little Markdown: emphasis, lists, quotes, code and links.

All else stays the text that it was. What the parser makes goes through an allow-list of its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from selectolax.lexbor import LexborHTMLParser

from cms.content.markdown import shallow_containers
from cms.content.text import text_of

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINKED = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
# An address in running text, without the signs that end a sentence or a bracket around it.
_BARE = re.compile(r"https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]}*_]")
# As the cleaner writes it: the address comes first, and each has an end.
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>.*?</a>', re.DOTALL)
_SPECIAL = re.compile(r"[\\`*_\[\]<>~]")
_LINE_START = re.compile(r"^([ \t]*\d{0,9})([-+.)])", re.MULTILINE)

BLOCK_RULES = ["fence", "blockquote", "list"]
INLINE_RULES = ["newline", "escape", "backticks", "emphasis", "link", "autolink"]
ELEMENTS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "a"}
# Nobody vouches for what strangers link to.
LINK_REL = "nofollow ugc noopener"


@dataclass(frozen=True, slots=True)
class CommentText:
    """A reader's comment: `html` of few elements, and the same as plain `text`."""

    html: str
    text: str


def render_comment(source: str) -> CommentText:
    """Show a comment as it was written: line ends stay, and blank lines part paragraphs.

    Whatever is not of the small Markdown is escaped. Control characters are removed. An empty
    comment gives two empty strings.
    """
    plain = _INVISIBLE.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))
    html = _CLEANER.clean(_MARKDOWN.render(plain))
    body = LexborHTMLParser(html).body
    return CommentText(html=html, text=text_of(body) if body else "")


def comment_links(html: str) -> list[str]:
    """Where the links of a comment lead, in their order."""
    return [unescape(one) for one in _LINK.findall(html)]


def comment_without_links(html: str) -> str:
    """The HTML of a comment without its links, and what they say."""
    return _LINK.sub(" ", html)


def comment_source(text: str) -> str:
    """Markdown that shows this text, and nothing but text."""
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", text))


class _Renderer(RendererHTML):
    """Writes no line ends of its own: a frontend may show them."""

    def renderToken(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return super().renderToken(tokens, idx, options, env).strip("\n")

    def softbreak(self, *_args: Any) -> str:
        return "<br>"

    def fence(self, tokens: Sequence[Token], idx: int, *_args: Any) -> str:
        return f"<pre><code>{escape(tokens[idx].content)}</code></pre>"


def _link_bare_addresses(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = list(_with_links(token.children))


def _with_links(children: Sequence[Token]) -> Any:
    inside = 0
    for token in children:
        inside += token.nesting * token.type.startswith("link_")
        if token.type != "text" or inside:
            yield token
            continue
        end = 0
        for match in _BARE.finditer(token.content):
            yield _text(token.content[end : match.start()])
            yield Token("link_open", "a", 1, attrs={"href": match[0]})
            yield _text(match[0])
            yield Token("link_close", "a", -1)
            end = match.end()
        yield _text(token.content[end:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _parser() -> MarkdownIt:
    md = MarkdownIt("zero", {"html": False, "maxNesting": 30}, renderer_cls=_Renderer)
    md.enable([*BLOCK_RULES, *INLINE_RULES])
    shallow_containers(md, BLOCK_RULES)
    md.inline.ruler2.enable("fragments_join", True)
    md.core.ruler.after("inline", "bare_addresses", _link_bare_addresses)
    md.validateLink = lambda url: bool(_LINKED.fullmatch(url))
    return md


_MARKDOWN = _parser()
_CLEANER = nh3.Cleaner(
    tags=ELEMENTS,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel=LINK_REL,
)
