"""One way to compare words, the same on both databases: no case, no diacritics."""

import re
import unicodedata

LONGEST_KEY = 600
# Scripts without spaces have a word for each character, so that any part of a text is found.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
# The same for what is folded and ASCII, as most texts are: many times as fast.
_PLAIN_WORD = re.compile("[a-z0-9]+")
# What is longer is no word of a language, and an index has limits.
LONGEST_WORD = 64


def fold(text: str) -> str:
    """`"Größe"` becomes `"grosse"`: NFKD without combining marks, case folded; cut to a key."""
    return _folded(text)[:LONGEST_KEY]


def words(text: str) -> list[str]:
    """The folded words of a text: letters and digits alone."""
    folded = _folded(text)
    found = (_PLAIN_WORD if folded.isascii() else _WORD).findall(folded)
    if max(map(len, found), default=0) <= LONGEST_WORD:
        return found
    return [word[:LONGEST_WORD] for word in found]


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()
