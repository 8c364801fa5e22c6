"""CommonMark with tables, strikethrough, task lists and footnotes, to HTML not yet sanitised."""

import re
from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def, footnote_ref

from cms.content.citations import citation_written, cite_markdown
from cms.content.markdown_limits import limit

# Twenty quotes or ten lists inside each other. Every level reads its lines again, so this is
# also the factor that hostile input can put on the time.
MAX_LEVEL = 20
MAX_FOOTNOTE_LABEL = 100

TASK = re.compile(r"\[([ xX])\][ \t\n]")
BOXES = {" ": "☐", "x": "☑", "X": "☑"}

# Rules that nest, each with what it may end, as the parser has them.
CONTAINERS = {
    "blockquote": (blockquote, ["paragraph", "reference", "blockquote", "list"]),
    "list": (list_block, ["paragraph", "reference", "blockquote"]),
    "footnote_def": (footnote_def, ["paragraph", "reference"]),
}


def to_html(source: str) -> str:
    return _MARKDOWN.render(source)


def shallow_containers(md: MarkdownIt, names: Iterable[str]) -> None:
    """Let those of these rules that nest do so MAX_LEVEL deep."""
    for name in names:
        if name in CONTAINERS:
            rule, ends = CONTAINERS[name]
            md.block.ruler.at(name, _only_shallow(rule), {"alt": ends})


def _only_shallow(rule):
    """Keep what is nested deeper as text; the parser's own `maxNesting` throws it away."""

    def shallow(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < MAX_LEVEL and rule(state, start, end, silent)

    return shallow


def _short_footnote_ref(state: StateInline, silent: bool) -> bool:
    """Look for the end of a label nearby only.

    The plugin looks until the paragraph ends, for each `[^`: 13 s for 16 kB of them.
    """
    if not state.src.startswith("[^", state.pos):
        return False
    if state.src.find("]", state.pos, state.pos + MAX_FOOTNOTE_LABEL + 3) < 0:
        return False
    return footnote_ref(state, silent)


def _task_items(state: StateCore) -> None:
    """Write a task's box as a character. The plugin looks back over the whole list for each."""
    for item, paragraph, inline in zip(
        state.tokens, state.tokens[1:], state.tokens[2:], strict=False
    ):
        if (item.type, paragraph.type) != ("list_item_open", "paragraph_open"):
            continue
        first = inline.children[0] if inline.children else None
        if first and first.type == "text" and (box := TASK.match(first.content)):
            item.attrSet("class", "task-list-item")
            first.content = BOXES[box[1]] + first.content[3:]


def _footnotes_open(*_args) -> str:
    return '<ol class="footnotes">\n'


def _footnotes_close(*_args) -> str:
    return "</ol>\n"


def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": True, "maxNesting": MAX_LEVEL + 10})
    md.enable(["table", "strikethrough"])
    md.use(footnote_plugin, inline=False)
    md.core.ruler.after("inline", "task_items", _task_items)
    md.inline.ruler.at("footnote_ref", _short_footnote_ref)
    md.inline.ruler.after("footnote_ref", "citation", cite_markdown)
    md.add_render_rule("citation", citation_written)
    shallow_containers(md, CONTAINERS)
    limit(md)
    md.renderer.rules["footnote_block_open"] = _footnotes_open
    md.renderer.rules["footnote_block_close"] = _footnotes_close
    return md


_MARKDOWN = _parser()
