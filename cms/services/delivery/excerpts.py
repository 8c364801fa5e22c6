"""A piece of a text around what was looked for, with `<mark>` around each hit."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape

from cms.services import folding
from cms.services.search_terms import Part

BEFORE, LENGTH = 80, 240
# Marks that are drawn over a letter belong to its word.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_WITHIN = re.compile(r"[^\W_]|[\u0300-\u036f]")
_BEYOND_ASCII = re.compile(r"[^\W_\x00-\x7f]|[\u0300-\u036f]")
_SPACE = re.compile(r"\s")
_folded = lru_cache(maxsize=8_000)(folding.words)


@dataclass(frozen=True)
class Asked:
    """Folded words that are hits, and beginnings of such."""

    whole: frozenset[str]
    starts: tuple[str, ...]

    def has(self, word: str) -> bool:
        return any(one in self.whole or one.startswith(self.starts) for one in _folded(word))

    @cached_property
    def in_ascii(self) -> re.Pattern[str]:
        """Finds the hits of a text whose letters are ASCII, for a fraction of folding its words."""
        begins = {*self.starts, *(one for one in self.whole if len(one) == folding.LONGEST_WORD)}
        known = [*sorted(self.whole), *(f"{one}[a-z0-9]*" for one in sorted(begins))]
        some = "|".join(one for one in known if one.isascii()) or "(?!)"
        return re.compile(f"(?<![a-z0-9])({some})(?![a-z0-9])", re.IGNORECASE | re.ASCII)


def excerpt(text: str, parts: Sequence[Part]) -> str:
    """Safe HTML: at most some 240 characters, with the first hit among them."""
    asked = _asked(tuple(parts))
    start = _edge(text, max(0, _first(text, asked) - BEFORE))
    end = _edge(text, start + LENGTH) if start + LENGTH < len(text) else len(text)
    shown = _marked(" ".join(text[start:end].split()), asked)
    return f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}"


@lru_cache(maxsize=256)
def _asked(parts: tuple[Part, ...]) -> Asked:
    whole = frozenset(word for part in parts for word in part.words)
    return Asked(whole, tuple(part.words[-1] for part in parts if part.is_prefix))


def _first(text: str, asked: Asked) -> int:
    """Where the first hit is: of those spelled as they are asked for, if there are any."""
    plain = text.lower()
    # Some letters become two, and places differ. Else finding costs a hundredth of folding.
    words = {*asked.whole, *asked.starts} if len(plain) == len(text) else ()
    places = [_place(text, plain, word, asked) for word in words]
    if any(at is not None for at in places):
        return min(at for at in places if at is not None)
    hits = (one.start() for one in _WORD.finditer(text) if asked.has(one[0]))
    return next(hits, 0)


def _place(text: str, plain: str, word: str, asked: Asked) -> int | None:
    at = plain.find(word)
    while at >= 0:
        found = _WORD.match(text, at)
        begins = at == 0 or not _WITHIN.match(text, at - 1)
        if begins and found is not None and asked.has(found[0]):
            return at
        at = plain.find(word, at + 1)
    return None


def _edge(text: str, at: int) -> int:
    """The start of the next word, if there is one near."""
    if at == 0:
        return 0
    space = _SPACE.search(text, at, at + 40)
    return space.end() if space else at


def _marked(text: str, asked: Asked) -> str:
    found, at = [], 0
    for start, end in _hits(text, asked):
        found += [escape(text[at:start]), f"<mark>{escape(text[start:end])}</mark>"]
        at = end
    return "".join([*found, escape(text[at:])])


def _hits(text: str, asked: Asked) -> Iterator[tuple[int, int]]:
    if text.isascii() or not _BEYOND_ASCII.search(text):
        return (one.span() for one in asked.in_ascii.finditer(text))
    return (one.span() for one in _WORD.finditer(text) if asked.has(one[0]))
