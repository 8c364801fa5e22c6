"""Words as the checks compare them, in any script. What a rule says is never run as a pattern."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cms.services.contact import UNSEEN

# Thai to Burmese, Khmer, Kana, Han: written without spaces, so each letter stands for itself.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")


@lru_cache(maxsize=4)
def words_of(text: str) -> tuple[str, ...]:
    """The words, without case, width, or letters that nobody sees."""
    plain = unicodedata.normalize("NFKC", UNSEEN.sub("", text)).casefold()
    return tuple(WORD.findall(unicodedata.normalize("NFKC", plain)))


class Phrases:
    """Words, and runs of words, to be found whole: a few look-ups for each word of a text."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._from: dict[str, dict[int, set[tuple[str, ...]]]] = defaultdict(dict)
        for phrase in phrases:
            run = tuple(words_of(phrase))
            if run:
                self._from[run[0]].setdefault(len(run), set()).add(run)

    def first_in(self, words: Sequence[str]) -> str | None:
        """The first that is there, or None."""
        for at, word in enumerate(words):
            for length, runs in self._from.get(word, {}).items():
                run = tuple(words[at : at + length])
                if run in runs:
                    return " ".join(run)
        return None
