"""Words as the checks compare them, in any script. What a rule says is never run as a pattern."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from cms.services.contact import UNSEEN

# Thai to Burmese, Khmer, Kana, Han: written without spaces, so each letter stands for itself.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
# An underscore parts words: it is what emphasis is written with.
WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")

Run = tuple[str, ...]


@lru_cache(maxsize=8)
def words_of(text: str) -> Run:
    """The words, without case, width, or letters that nobody sees."""
    if text.isascii():
        return tuple(WORD.findall(text.lower()))
    plain = unicodedata.normalize("NFKC", UNSEEN.sub("", text)).casefold()
    return tuple(WORD.findall(unicodedata.normalize("NFKC", plain)))


class Phrases:
    """Sets of words, and of runs of words, to be found whole: a few look-ups for each word."""

    def __init__(self, sets: Mapping[str, Iterable[str]]) -> None:
        self._from: dict[str, dict[int, dict[Run, set[str]]]] = {}
        for name, phrases in sets.items():
            for run in filter(None, map(words_of, phrases)):
                runs = self._from.setdefault(run[0], {}).setdefault(len(run), {})
                runs.setdefault(run, set()).add(name)

    def found_in(self, words: Run) -> dict[str, str]:
        """The first that is there of each set, by its name."""
        found: dict[str, str] = {}
        for at in [at for at, word in enumerate(words) if word in self._from]:
            for length, runs in self._from[words[at]].items():
                run = words[at : at + length]
                for name in runs.get(run, ()):
                    found.setdefault(name, " ".join(run))
        return found
