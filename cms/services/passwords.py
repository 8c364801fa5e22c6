"""Passwords: which are good enough, and how they are kept."""

import unicodedata
from base64 import b64decode
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from cms.errors import Invalid

SHORTEST, LONGEST = 8, 256
# What OWASP asks for at least: 19 MiB, twice, in one lane.
STRONG = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# For tests, which sign in thousands of times.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
# Each hash takes memory and a whole core: a crowd that signs in must not take all of either.
_room = BoundedSemaphore(2)


def hash_password(password: str) -> str:
    with _room:
        return _hasher().hash(_normalized(password))


def verify(hashed: str | None, password: str) -> bool:
    """Whether this is the password. Without a hash it takes the same time, and is not."""
    with _room:
        try:
            return _hasher().verify(hashed or _nobodys_hash(), _normalized(password))
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(hashed: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(hashed)


def rehash(password: str, hashed: str) -> str:
    """Hash the password of a hash again, with today's parameters. It keeps the salt."""
    salt = _salt(hashed)
    with _room:
        return _hasher().hash(_normalized(password), salt=b64decode(salt + "=" * (-len(salt) % 4)))


def are_of_one_password(one: str, other: str) -> bool:
    """Whether two hashes of a user go back to one setting of a password, whatever they cost."""
    return bool(_salt(one)) and _salt(one) == _salt(other)


def check_acceptable(password: str, pointer: str, *, email: str = "") -> None:
    """Raises Invalid (`weak_password`) at `pointer`. Nothing is ever cut off."""
    text = _normalized(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise _weak(pointer, f"Use {SHORTEST} to {LONGEST} characters.")
    if text.lower() in _common():
        raise _weak(pointer, "This password is on every list of common ones.")
    if text.lower() in {email.lower(), email.lower().partition("@")[0]}:
        raise _weak(pointer, "A password must not be the address that it belongs to.")


def _weak(pointer: str, detail: str) -> Invalid:
    return Invalid(pointer, detail, reason="weak_password")


def _normalized(password: str) -> str:
    # One keyboard sends "é" as one character, another as two.
    return unicodedata.normalize("NFC", password)


def _hasher() -> PasswordHasher:
    return CHEAP if current_app.config["CMS"].testing else STRONG


def _salt(hashed: str) -> str:
    """The last but one of its parts; empty where it is no hash."""
    return hashed.rpartition("$")[0].rpartition("$")[2]


def _nobodys_hash() -> str:
    """A well-formed hash that no known password has."""
    hasher = _hasher()
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${'A' * 22}${'A' * 43}"


@cache
def _common() -> frozenset[str]:
    # Imported when first needed: the package loads every list that it has.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(word.lower() for word in FREQUENCY_LISTS["passwords"])
