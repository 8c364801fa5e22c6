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
_folded = lru_cache(maxsize=20_000)(folding.words)


def excerpt(text: str, parts: Sequence[Part]) -> str:
    """Safe HTML: at most some 240 characters, with the first hit among them."""
    whole = {word for part in parts for word in part.words}
    starts = tuple(part.words[-1] for part in parts if part.is_prefix)
    first = next((one.start() for one in _WORD.finditer(text) if _is_hit(one[0], whole, starts)), 0)
    start = _edge(text, max(0, first - BEFORE))
    end = _edge(text, start + LENGTH) if start + LENGTH < len(text) else len(text)
    shown = _marked(" ".join(text[start:end].split()), whole, starts)
    return f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}"


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
