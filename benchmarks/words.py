"""Texts of a hundred words, as search meets them: few words are in most texts, most in few."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, product

from benchmarks.copies import Words

# In every text; in one of four, side by side; in one of ten.
COMMON, PHRASE, SOME = "massage", "deep tissue", "spasticity"
# What all rare words begin with.
RARE = "quix"
# As many posts share each rare word.
SHARING = 10
VOCABULARY = ["".join(parts) for parts in product("bdfghklmnprst", "aeiou", "lmnrst", "aeiou")]
WEIGHTS = list(accumulate(1 / (rank + 10) for rank in range(len(VOCABULARY))))
APART = timedelta(minutes=1)
PART_WORDS = 50
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# The same texts in every run.
SEED = 614


def rare(number: int, count: int) -> str:
    """The rare word of a post of so many. None of them begins another."""
    kinds = max(count // SHARING, 1)
    digits = str(number % kinds).zfill(len(str(kinds - 1)))
    return RARE + "".join("abcdefghij"[int(digit)] for digit in digits)


def texts(count: int, newest: datetime) -> Iterator[Words]:
    """`count` of them, newest first; what they say depends on their number alone."""
    dice = random.Random(SEED)  # noqa: S311 - words, not secrets
    for number in range(count):
        first, second = (dice.choices(VOCABULARY, cum_weights=WEIGHTS, k=PART_WORDS) for _ in "ab")
        first[0], first[7], second[0] = COMMON.title(), COMMON, rare(number, count)
        if number % 4 == 0:
            first[10:12] = PHRASE.split()
        if number % 10 == 0:
            second[20] = SOME
        title = f"{first[3].title()} and {second[3]} {number}"
        parts = [" ".join(first) + ".", " ".join(second) + "."]
        yield Words(f"post-{number}", title, parts, newest - number * APART)
