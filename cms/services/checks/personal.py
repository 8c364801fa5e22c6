"""Personal data in a comment: what kinds are there, and the same text without them. Imperfect."""

import re
from collections.abc import Callable
from urllib.parse import unquote

Keep = Callable[[str], bool]
DAY = r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}\.? ?[^\W\d]{3,9}\.?,? \d{4})"
BORN = r"(?:born|birth|birthday|dob|d\.o\.b\.|geboren|geburtsdatum|geb\.|nacid[oa]|née?)"
RECORD = r"(?:mrn|nhs|patient|record|chart|case|insurance|policy|versicherten|kranken\w{1,20})"
NUMBER = r"[A-Z]{0,3}\d[\d -]{3,16}\d"


def _always(_found: str) -> bool:
    return True


def _is_phone(found: str) -> bool:
    # Nine digits: a span of years, a date and most numbers of articles have fewer.
    return sum(letter.isdigit() for letter in found) >= 9


# Every kind has one of these, and most comments have none.
MAY_HOLD = re.compile(r"[\d@]")
# No pattern can be made slow: every repeat has an end, and nothing begins inside a word.
KINDS: list[tuple[str, re.Pattern[str], Keep]] = [
    (
        "email",
        re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
        _always,
    ),
    (
        "birth date",
        re.compile(
            rf"\b{BORN}[^\w\n]{{0,3}}(?:(?:on|am|the|is|of|date|el)\W{{1,3}}){{0,3}}{DAY}", re.I
        ),
        _always,
    ),
    (
        "record number",
        re.compile(
            rf"\b{RECORD}\W{{0,3}}(?:(?:no|nr|number|nummer|id|is)\W{{0,3}}){{0,3}}{NUMBER}", re.I
        ),
        _always,
    ),
    ("phone", re.compile(r"(?<![\w/=.-])\+?\(?\d[\d ()./-]{6,20}\d(?!\w)"), _is_phone),
]


# A piece of an address that has letters written as numbers: `ann%40example.org`.
ENCODED = re.compile(r"(?<!\S)\S*?%[0-9A-Fa-f]{2}\S*")


def kinds_in(*texts: str) -> list[str]:
    """Which kinds these have, each once."""
    return list(dict.fromkeys(kind for text in texts for kind in without(text)[1]))


def without(text: str) -> tuple[str, list[str]]:
    """The text with `[email]` and the like for personal data, and which kinds it had."""
    if not MAY_HOLD.search(text):
        return text, []
    return _replaced(ENCODED.sub(_decoded, text))


def _decoded(piece: re.Match[str]) -> str:
    """As whoever follows it reads it, where that is personal; else as it is written."""
    plain = unquote(piece[0])
    return plain if _replaced(plain)[1] else piece[0]


def _replaced(text: str) -> tuple[str, list[str]]:
    kinds: list[str] = []
    for kind, pattern, is_one in KINDS:
        shown = text
        text = pattern.sub(lambda m, k=kind, f=is_one: f"[{k}]" if f(m[0]) else m[0], text)
        if text != shown:
            kinds.append(kind)
    return text, kinds
