"""One way to compare words, the same on both databases: no case, no diacritics."""

import unicodedata

LONGEST_KEY = 600


def fold(text: str) -> str:
    """`"Größe"` becomes `"grosse"`: NFKD without combining marks, case folded."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return kept.casefold()[:LONGEST_KEY]
