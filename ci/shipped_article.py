"""The article that comes with the site, sentence by sentence, beside what the API says of it."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import takewhile
from pathlib import Path
from typing import Any

# The page that the article came from goes on with things that are not the article.
AFTERWARDS = "Similar Posts"
BULLET = "• "
NUMBER = re.compile(r"\d+\. ")
# Neither the category above the title nor the heading over the questions is text of the article.
FURNITURE = {"Medical Massage", "FAQs"}


def sentences(original: Path) -> list[str]:
    """Every sentence in order. Headings keep their numbers, and questions lose theirs."""
    lines = takewhile(lambda line: line != AFTERWARDS, original.read_text("utf-8").splitlines())
    return [one for line in unnumbered(map(squeezed, lines)) for one in split(line)]


def unnumbered(lines: Iterable[str]) -> Iterator[str]:
    asked = False
    for line in lines:
        asked = asked or line == "FAQs"
        if line and line not in FURNITURE:
            yield NUMBER.sub("", line, count=1) if asked else line.removeprefix(BULLET)


def split(line: str) -> list[str]:
    """The sentences of one line; the number of a heading does not end one."""
    return re.split(r"(?<=\D[.?!:]) ", line)


def told(post: dict[str, Any], faqs: list[dict[str, Any]]) -> str:
    """All words that the API answers, as a reader would see them, one blank apart."""
    parts = [post["title"], plain(post["body"]["html"])]
    for faq in faqs:
        parts += [faq["question"], plain(faq["answer"]["html"])]
    return squeezed(" ".join(parts))


def missing(wanted: list[str], text: str) -> list[str]:
    """The sentences that do not stand in the text as whole sentences, each after the one before."""
    lost, rest = [], f" {text} "
    for sentence in wanted:
        _, found, after = rest.partition(f" {sentence} ")
        if found:
            rest = f" {after}"
        else:
            lost.append(sentence)
    return lost


def squeezed(text: str) -> str:
    return " ".join(text.split())


def plain(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "".join(reader.words)


class _Words(HTMLParser):
    """What stands between the tags. A block is parted from the next; a bold word is not."""

    INLINE = frozenset({"strong", "em", "a", "code"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        self._part(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def _part(self, tag: str) -> None:
        if tag not in self.INLINE:
            self.words.append(" ")
