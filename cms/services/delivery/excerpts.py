"""A piece of a text around what was looked for, with `<mark>` around each hit."""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape

from cms.services import folding
from cms.services.search_terms import Part

BEFORE, LENGTH = 80, 240
# Marks that are drawn over a letter belong to its word.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_WITHIN = re.compile(r"[^\W_]|[\u0300-\u036f]")
_folded = lru_cache(maxsize=20_000)(folding.words)


def excerpt(text: str, parts: Sequence[Part]) -> str:
    """Safe HTML: at most some 240 characters, with the first hit among them."""
    whole = {word for part in parts for word in part.words}
    starts = tuple(part.words[-1] for part in parts if part.is_prefix)
    start = _edge(text, max(0, _first(text, whole, starts) - BEFORE))
    end = _edge(text, start + LENGTH) if start + LENGTH < len(text) else len(text)
    shown = _marked(" ".join(text[start:end].split()), whole, starts)
    return f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}"


def _first(text: str, whole: set[str], starts: tuple[str, ...]) -> int:
    """Where the first hit is: of those spelled as they are asked for, if there are any."""
    plain = text.lower()
    # Some letters become two, and places differ. Else finding costs a hundredth of folding.
    asked = {*whole, *starts} if len(plain) == len(text) else ()
    places = [_place(text, plain, word, whole, starts) for word in asked]
    if any(at is not None for at in places):
        return min(at for at in places if at is not None)
    hits = (one.start() for one in _WORD.finditer(text) if _is_hit(one[0], whole, starts))
    return next(hits, 0)


def _place(
    text: str, plain: str, asked: str, whole: set[str], starts: tuple[str, ...]
) -> int | None:
    at = plain.find(asked)
    while at >= 0:
        word = _WORD.match(text, at)
        begins = at == 0 or not _WITHIN.match(text, at - 1)
        if begins and word is not None and _is_hit(word[0], whole, starts):
            return at
        at = plain.find(asked, at + 1)
    return None


def _is_hit(word: str, whole: set[str], starts: tuple[str, ...]) -> bool:
    return any(one in whole or one.startswith(starts) for one in _folded(word))


def _edge(text: str, at: int) -> int:
    """The start of the next word, if there is one near."""
    if at == 0:
        return 0
    space = re.compile(r"\s").search(text, at, at + 40)
    return space.end() if space else at


def _marked(text: str, whole: set[str], starts: tuple[str, ...]) -> str:
    found, at = [], 0
    for word in _WORD.finditer(text):
        if _is_hit(word[0], whole, starts):
            found += [escape(text[at : word.start()]), f"<mark>{escape(word[0])}</mark>"]
            at = word.end()
    return "".join([*found, escape(text[at:])])
