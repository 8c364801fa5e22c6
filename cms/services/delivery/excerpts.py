"""A piece of a text around what was looked for, with `<mark>` around each hit."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from typing import NamedTuple
from unicodedata import combining

from cms.services import folding
from cms.services.search_terms import Part, on_one_line

BEFORE, LENGTH = 80, 240
# Marks that are drawn over or under a letter belong to its word, in any living script: accents, the
# vowels of Hebrew and Arabic. `folding` drops them.
_PLACES = (range(0x300, 0x3100), range(0xA66F, 0xABF0), range(0xFE20, 0xFE30))
_MARKS = "".join(chr(n) for places in _PLACES for n in places if combining(chr(n)))
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_WITHIN = re.compile(rf"[^\W_]|[{_MARKS}]")
_BEYOND_ASCII = re.compile(rf"[^\W_\x00-\x7f]|[{_MARKS}]")
# Of a word in ASCII, what comes behind a place in it.
_REST = re.compile(r"[a-z0-9]*")
_remembered = lru_cache(maxsize=8_000)(folding.words)


class Asked(NamedTuple):
    """Folded words that are hits, and beginnings of such. The same for each text of an answer.

    `words` are all of them, and of each whether a hit may go on behind it.
    """

    whole: frozenset[str]
    starts: tuple[str, ...]
    words: tuple[tuple[str, bool], ...]

    def has(self, word: str) -> bool:
        return any(one in self.whole or one.startswith(self.starts) for one in _folded(word))


def _folded(word: str) -> list[str]:
    # What is longer than any word is read anew: it may be as long as a text.
    return _remembered(word) if len(word) <= folding.LONGEST_WORD else folding.words(word)


def asked_for(parts: Sequence[Part]) -> Asked:
    whole = frozenset([word for part in parts for word in part.words])
    starts = tuple([part.words[-1] for part in parts if part.is_prefix])
    # What is longer was cut.
    begins = {*starts, *[one for one in whole if len(one) == folding.LONGEST_WORD]}
    return Asked(whole, starts, tuple([(one, one in begins) for one in sorted(whole)]))


def excerpt(text: str, asked: Asked) -> str:
    """Safe HTML: at most some 240 characters, with the first hit among them."""
    if "\n" in text:
        # Paragraphs, as an older program has put them into the index.
        text = on_one_line(text)
    if len(asked.words) == 1 and text.isascii():
        return _around_one_word(text, *asked.words[0])
    start, end = _cut(text, _first(text, asked))
    return _with_ends(text, start, end, _marked(text[start:end].strip(), asked))


def _around_one_word(text: str, word: str, goes_on: bool) -> str:
    """The same in half of the time, for most searches: hits are looked for once."""
    plain = text.lower()
    hit = _next_hit(plain, word, goes_on)
    start, end = _cut(text, hit[0] if hit else 0)
    safe = escape if _has_markup(text[start:end]) else str
    shown, at = "", start
    while hit:
        first, last = hit
        if last > end:
            last = end
        shown += f"{safe(text[at:first])}<mark>{safe(text[first:last])}</mark>"
        at = last
        # As a rule there is no other, and that is seen at once.
        is_there = plain.find(word, at, end) >= 0
        hit = _next_hit(plain[:end], word, goes_on, at) if is_there else None
    return _with_ends(text, start, end, shown + safe(text[at:end].rstrip()))


def _cut(text: str, first: int) -> tuple[int, int]:
    """Where the piece begins and ends, at words if there are any near."""
    start = first - BEFORE
    start = _edge(text, start) if start > 0 else 0
    end = start + LENGTH
    return start, _edge(text, end) if end < len(text) else len(text)


def _edge(text: str, at: int) -> int:
    """The start of the next word, if there is one near."""
    return text.find(" ", at, at + 40) + 1 or at


def _with_ends(text: str, start: int, end: int, shown: str) -> str:
    return f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}"


def _first(text: str, asked: Asked) -> int:
    """Where the first hit is: of those spelled as they are asked for, if there are any."""
    plain = text.lower()
    if text.isascii():
        return _plain_first(plain, asked)
    # Some letters become two, and places differ. Else finding costs a hundredth of folding.
    words = asked.words if len(plain) == len(text) else ()
    places = [_place(text, plain, word, asked) for word, _ in words]
    if any(at is not None for at in places):
        return min(at for at in places if at is not None)
    hits = (one.start() for one in _WORD.finditer(text) if asked.has(one[0]))
    return next(hits, 0)


def _place(text: str, plain: str, word: str, asked: Asked) -> int | None:
    at = plain.find(word)
    while at >= 0:
        # First: a word may be as long as the text, and is read to its end only where it begins.
        if at == 0 or not _WITHIN.match(text, at - 1):
            found = _WORD.match(text, at)
            if found is not None and asked.has(found[0]):
                return at
        at = plain.find(word, at + 1)
    return None


def _marked(text: str, asked: Asked) -> str:
    found, at = "", 0
    safe = escape if _has_markup(text) else str
    for start, end in _hits(text, asked):
        found += f"{safe(text[at:start])}<mark>{safe(text[start:end])}</mark>"
        at = end
    return found + safe(text[at:])


def _has_markup(text: str) -> bool:
    """Whether there is anything to escape. Escaping takes seven times as long to find nothing."""
    return "&" in text or "<" in text or ">" in text or '"' in text or "'" in text


def _hits(text: str, asked: Asked) -> Iterable[tuple[int, int]]:
    if text.isascii() or not _BEYOND_ASCII.search(text):
        return _plain_hits(text.lower(), asked)
    return (one.span() for one in _WORD.finditer(text) if asked.has(one[0]))


def _plain_first(plain: str, asked: Asked) -> int:
    first = None
    for word, goes_on in asked.words:
        hit = _next_hit(plain, word, goes_on)
        if hit and (first is None or hit[0] < first):
            first = hit[0]
    return first or 0


def _plain_hits(plain: str, asked: Asked) -> list[tuple[int, int]]:
    """Of a text whose letters are ASCII, for a fraction of folding its words."""
    found = []
    for word, goes_on in asked.words:
        hit = _next_hit(plain, word, goes_on)
        while hit:
            found.append(hit)
            hit = _next_hit(plain, word, goes_on, hit[1])
    # One word may be a hit of several.
    return sorted({*found}) if len(asked.words) > 1 else found


def _next_hit(plain: str, word: str, goes_on: bool, at: int = 0) -> tuple[int, int] | None:
    """Where a word stands by itself, or a longer one that it begins."""
    at = plain.find(word, at)
    while at >= 0:
        end = at + len(word)
        if at == 0 or not plain[at - 1].isalnum():
            # As a rule it ends there, which is seen in a third of the time.
            rest = _REST.match(plain, end).end() if plain[end : end + 1].isalnum() else end
            if goes_on or rest == end:
                return at, rest
            end = rest
        at = plain.find(word, end)
    return None
