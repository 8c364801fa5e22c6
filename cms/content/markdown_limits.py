"""What one body of Markdown may cost. What is beyond a limit stays as text.

The parser spends 10 µs on each bracket that may open a link, and 40 µs on each line that is a block
of its own: a hostile megabyte would take half a minute. No text that people write comes near these.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MAX_OPENERS = 10_000
MAX_LINES = 20_000

_OPENERS_END = "openers_end"
_OPENERS = re.compile(r"!?\[[\[!]*")


def limit(md: MarkdownIt) -> None:
    """Put the limits into a parser."""
    md.core.ruler.at("block", _blocks)
    md.core.ruler.at("inline", _inlines)
    md.inline.ruler.before("escape", "surplus_openers", _surplus_openers)


def _blocks(state: StateCore) -> None:
    """Look for blocks in the first lines; the others are one paragraph."""
    end = _place(state.src, "\n", MAX_LINES)
    state.md.block.parse(state.src[:end], state.md, state.env, state.tokens)
    if rest := state.src[end:].strip():
        text = Token("text", "", 0, content=rest)
        state.tokens += [
            Token("paragraph_open", "p", 1, block=True),
            Token("inline", "", 0, block=True, children=[text]),
            Token("paragraph_close", "p", -1, block=True),
        ]


def _inlines(state: StateCore) -> None:
    """Look for inline markup in every text, for links while there are openers left."""
    left = MAX_OPENERS
    for token in state.tokens:
        if token.type == "inline" and not token.children:
            state.env[_OPENERS_END] = _place(token.content, "[", left)
            left = max(0, left - token.content.count("["))
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _surplus_openers(state: StateInline, silent: bool) -> bool:
    if state.pos < state.env[_OPENERS_END]:
        return False
    openers = _OPENERS.match(state.src, state.pos)
    if openers is None:
        return False
    state.pending += "" if silent else openers[0]
    state.pos = openers.end()
    return True


def _place(text: str, mark: str, number: int) -> int:
    """Where the mark stands that comes after so many of them; the text's length if none does."""
    if text.count(mark) <= number:
        return len(text)
    return next(
        one.start() for n, one in enumerate(re.finditer(re.escape(mark), text)) if n == number
    )
