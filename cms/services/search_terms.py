"""What stands in the full-text index, and what a reader's words ask of it. Pure.

Both databases get words that are folded and parted here, so that they find the same. Each word
carries the kind and the locale of its text: a search in a small part of a site never walks through
what the large one has.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import md5
from typing import NamedTuple

from cms.errors import Malformed
from cms.models import Kind
from cms.models.publication import EVERY_ROW
from cms.services import folding

MOST_WORDS = 16
SHORTEST_PREFIX = 3
# Positions in PostgreSQL's index end at 16,383, its text at a megabyte.
LONGEST_TITLE, LONGEST_BODY, MOST_BYTES = 300, 15_000, 400_000
# Between title and body, so that no phrase begins in one and ends in the other.
GAP = 10
# Not ASCII, so a part of a word for SQLite's tokenizer, and in no word of a text.
SIGNS = {Kind.POST: "·", Kind.FAQ: "¿"}
# What a text is filed by, and what stands before that: no text has such a word.
FILED, FILED_SIGN = ("author:", "category:", "tag:"), "§"
_PART = re.compile(r'"([^"]*)"|([^\s"]+)')


# Terms: any of each group, of every group.
Groups = Sequence[Sequence[str]]
# The words of beginnings, all with the mark that they have in the index.
Endings = Mapping[str, Sequence[str]]
NO_ENDINGS: Endings = {}


class Part(NamedTuple):
    """Words that follow one another; of a prefix, the last one may go on."""

    words: tuple[str, ...]
    is_prefix: bool = False


@cache
def scope(kind: Kind, locale: str) -> str:
    """What each word of a text begins with in the index."""
    return "".join(filter(str.isalnum, locale.lower())) + SIGNS[kind]


def parse(text: str) -> list[Part]:
    """What somebody looks for: every part has to be there. Nothing is an operator.

    `"in quotes"` is a phrase; `word*`, and the last word, find what begins so, from three letters
    on. Raises Malformed for too many words.
    """
    # Most searches are letters and digits, which are taken apart in a fraction of the time.
    is_plain = text.isascii() and text.replace(" ", "").isalnum()
    found = _plain_parts(text) if is_plain else _parts(text)
    known = [part for part in dict.fromkeys(found) if part.words]
    # What begins another part says nothing beside it.
    parts = [part for part in known if not any(_implies(one, part) for one in known)]
    if sum(len(part.words) for part in parts) > MOST_WORDS:
        detail = f"A search has {MOST_WORDS} words at most."
        fault = {"pointer": "q", "detail": detail}
        raise Malformed(detail, reason="bad_parameter", errors=[fault])
    return parts


def _implies(one: Part, other: Part) -> bool:
    if one is other or not other.is_prefix or len(other.words) > 1:
        return False
    return any(word.startswith(other.words[0]) for word in one.words)


def _plain_parts(text: str) -> list[Part]:
    words = [word[: folding.LONGEST_WORD] for word in text.lower().split()]
    last = len(words) - 1
    return [
        Part((word,), n == last and len(word) >= SHORTEST_PREFIX) for n, word in enumerate(words)
    ]


def _parts(text: str) -> list[Part]:
    found = list(_PART.finditer(text))
    return [_part(match, is_last=match is found[-1]) for match in found]


def _part(match: re.Match[str], *, is_last: bool) -> Part:
    phrase, word = match.groups()
    if word is None:
        return Part(tuple(folding.words(phrase)))
    known = tuple(folding.words(word))
    may_go_on = is_last or word.endswith("*")
    return Part(known, may_go_on and bool(known) and len(known[-1]) >= SHORTEST_PREFIX)


def filed(mark: str, term: str) -> str:
    """The word that a text has in the index by a term; each has that of the empty one as well.

    Short, and without what parts words. Nothing else is asked where the index is: two of a hundred
    million terms have the same one with a chance of one to 3,000.
    """
    return FILED_SIGN + md5(f"{mark}{term}".encode(), usedforsecurity=False).hexdigest()[:16]


def filed_words(mark: str, terms: Iterable[str]) -> list[str]:
    """By all of its terms, those that the index knows."""
    return [filed(mark, one) for one in (EVERY_ROW, *terms) if one == EVERY_ROW or is_filed(one)]


def is_filed(term: str) -> bool:
    """Whether texts are filed by it: by what filters ask for."""
    return term.startswith(FILED)


def for_sqlite(parts: Iterable[Part], scopes: Sequence[str], groups: Groups = ()) -> str:
    """For FTS5, each word in quotes; of texts that are filed by the groups."""

    def spelled(part: Part, scope: str) -> str:
        phrase = joined(scope, part.words)
        return f'"{phrase}" *' if part.is_prefix else f'"{phrase}"'

    def every(scope: str) -> list[str]:
        words = [spelled(part, scope) for part in parts]
        return words + _any_filed(scope, groups, '"', "OR") if groups else words

    return _any_scope([every(one) for one in scopes], "AND", "OR")


def for_postgresql(
    parts: Iterable[Part],
    scopes: Sequence[str],
    groups: Groups = (),
    endings: Endings = NO_ENDINGS,
    weight: str = "",
) -> str:
    """A `tsquery`, each word in quotes; of texts that are filed by the groups, with the words of
    beginnings whose `endings` are known, and by a `weight`, of words that have it (`A`: of titles).
    """
    mark = f":{weight}" if weight else ""

    def last(beginning: str) -> str:
        if beginning not in endings:
            return f"'{beginning}':*{weight}"
        # None has it, which is found at once.
        known = endings[beginning] or [beginning]
        return "(" + " | ".join(f"'{word}'{mark}" for word in known) + ")"

    def spelled(part: Part, scope: str) -> str:
        whole = part.words[:-1] if part.is_prefix else part.words
        words = [f"'{scope}{word}'{mark}" for word in whole]
        words += [last(scope + part.words[-1])] if part.is_prefix else []
        return "(" + " <-> ".join(words) + ")"

    def every(scope: str) -> list[str]:
        return [*(spelled(part, scope) for part in parts), *_any_filed(scope, groups, "'", "|")]

    return _any_scope([every(one) for one in scopes], "&", "|")


def _any_filed(scope: str, groups: Groups, quote: str, some: str) -> list[str]:
    found = ([f"{quote}{filed(scope, term)}{quote}" for term in group] for group in groups)
    return ["(" + f" {some} ".join(words) + ")" for words in found]


def _any_scope(scopes: list[list[str]], every: str, some: str) -> str:
    return f" {some} ".join([f"({f' {every} '.join(parts)})" for parts in scopes])


def on_one_line(text: str) -> str:
    """Its words with one space between them, as the index keeps what excerpts are cut from."""
    return " ".join(text.split())


def indexed(mark: str, title: str, text: str) -> tuple[list[str], list[str]]:
    """The words of title and text that the index has, without the mark (`scope`) before each."""
    return folding.words(title)[:LONGEST_TITLE], _fitting(mark, folding.words(text)[:LONGEST_BODY])


def _fitting(mark: str, words: list[str]) -> list[str]:
    if len(words) * 4 * folding.LONGEST_WORD < MOST_BYTES:
        return words
    left, found = MOST_BYTES, []
    for word in words:
        left -= len((mark + word).encode()) + 1
        if left < 0:
            break
        found.append(word)
    return found


def joined(mark: str, words: Sequence[str]) -> str:
    """As FTS5 takes them."""
    return mark + f" {mark}".join(words) if words else ""


def vector(mark: str, title: list[str], body: list[str], filed: list[str]) -> str:
    """A `tsvector` as text: a title weighs A, a body D. What it is filed by has no place."""
    start = len(title) + GAP
    named = [f"'{mark}{word}':{at}A" for at, word in enumerate(title, 1)]
    said = [f"'{mark}{word}':{start + at}" for at, word in enumerate(body, 1)]
    return " ".join([*named, *said, *(f"'{word}'" for word in filed)])
