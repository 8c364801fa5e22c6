"""`[^s1]` in a text cites the first of its sources: a raised link to `#source-1`.

A frontend shows the list, and gives each source its place: `<li id="source-1">`.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

# As many as a text may have sources, and what looks like more is text.
_MARK = r"\[\^s([1-9][0-9]{0,2})\]"
_CITATION = re.compile(_MARK)
_PARTS = re.compile(rf"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)[^>]*+>|{_MARK}")
_CITED = re.compile(r'<sup class="footnote-ref source-ref"><a href="#source-([1-9][0-9]{0,2})">')

# Text that is shown as it is written, or leads elsewhere already.
_LITERAL = frozenset({"a", "code", "kbd", "pre", "samp"})


def citation(number: str) -> str:
    # The class of a footnote's number too, so that both look alike, and no heading's title has one.
    link = f'<a href="#source-{number}">[{number}]</a>'
    return f'<sup class="footnote-ref source-ref">{link}</sup>'


def cite_markdown(state: StateInline, silent: bool) -> bool:
    """A rule of the Markdown parser, for after footnotes: one that is defined is a footnote."""
    match = _CITATION.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.push("citation", "", 0).meta = {"number": match[1]}
    state.pos = match.end()
    return True


def citation_written(_renderer: Any, tokens: Sequence[Token], at: int, *_: Any) -> str:
    """What the parser's renderer makes of such a token."""
    return citation(tokens[at].meta["number"])


def cite_html(html: str) -> str:
    """Balanced HTML with its citations written out, except in code and in links."""
    return _PARTS.sub(_writer(), html)


def cited_sources(html: str) -> list[int]:
    """The numbers that finished HTML cites, each once, in order of appearance."""
    return list(dict.fromkeys(int(number) for number in _CITED.findall(html)))


def _writer() -> Callable[[re.Match[str]], str]:
    depth = 0

    def written(match: re.Match[str]) -> str:
        nonlocal depth
        if match["name"] in _LITERAL:
            depth += -1 if match["end"] else 1
        return match[0] if match["name"] or depth else citation(match[3])

    return written
