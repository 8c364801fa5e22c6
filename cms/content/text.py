"""A body as plain text, and how long it takes to read."""

import re

from selectolax.lexbor import LexborNode

from cms.content.allowed import BLOCKS
from cms.content.tree import walk

WORDS_A_MINUTE = 200

# Where an edge parts lines rather than paragraphs.
_COMPACT = frozenset({"ul", "ol", "dl", "table", "figure"})

_CELLS = frozenset({"td", "th"})
_GAPS = ("\t", "\n", "\n\n")
_CELL, _LINE, _PARAGRAPH = range(3)

# Scripts written without spaces count by the character; a dash may part words alone.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff—–]")  # noqa: RUF001


def count_words(text: str) -> int:
    """Runs between spaces that hold a letter or a digit; each Chinese or Japanese character."""
    if not text.isascii():
        text = _UNSPACED.sub(lambda match: f" {match[0]} ", text)
    # Most begin with a letter, and are looked at no further.
    return sum([part[0].isalnum() or any(map(str.isalnum, part)) for part in text.split()])


def reading_minutes(word_count: int) -> int:
    """Minutes to read so many words: at 200 a minute, to the nearest, at least 1.

    Adults read English non-fiction silently at 238 words a minute on average, most of them
    between 175 and 300 (Brysbaert 2019, doi:10.1016/j.jml.2019.104047). 200 is the usual round
    figure on the careful side, as fits medical text and second-language readers.
    """
    return max(1, round(word_count / WORDS_A_MINUTE))


def text_of(body: LexborNode) -> str:
    """Blocks parted by a blank line; items, rows and lines by a newline; cells by a tab.

    Outside code, any run of white space is one space. Pictures and the arrows that lead back
    from a footnote have no text.
    """
    text = _Text()
    for node, entering in walk([body], without="footnote-backref"):
        if node.is_text_node:
            text.words += [node.text_content] if entering else []
        elif node.tag == "br":
            if entering:
                text.end_line()
        elif node.tag in BLOCKS:
            text.edge(node.tag, entering)
    text.part(_LINE)
    return "".join(text.out)


class _Text:
    """What was read so far, and the widest edge passed since the last word."""

    def __init__(self):
        self.out: list[str] = []
        self.words: list[str] = []
        self.gap = _CELL
        self.compact = 0
        self.in_code = False

    def edge(self, tag: str, entering: bool) -> None:
        step = (tag in _COMPACT) * (1 if entering else -1)
        self.compact += min(step, 0)
        self.part(_CELL if tag in _CELLS else _LINE if self.compact else _PARAGRAPH)
        self.compact += max(step, 0)
        self.in_code = entering and tag == "pre"

    def end_line(self) -> None:
        if self.in_code:
            self.words.append("\n")
        else:
            self.part(_LINE)

    def part(self, gap: int) -> None:
        """Finish the words before an edge, and note the edge."""
        words, self.words = "".join(self.words), []
        text = words.strip("\n") if self.in_code else " ".join(words.split())
        if text.strip():
            self.out += [_GAPS[self.gap], text] if self.out else [text]
            self.gap = _CELL
        self.gap = max(self.gap, gap)
