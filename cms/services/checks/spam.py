"""Naive Bayes over words: how likely a comment is spam, by what moderators decided before."""

from collections.abc import Iterable, Sequence
from math import exp, log, sqrt
from typing import NamedTuple

# More words of one comment than this tell nothing new.
MOST_WORDS = 300
# So many are asked for: the longest, which are rarer and tell more.
MOST_ASKED = 100
# The most telling words decide: a long innocent text must not hide them.
TELLING = 20


class Taught(NamedTuple):
    """In how many comments of each kind something was."""

    good: int = 0
    bad: int = 0


def features(words: Sequence[str]) -> list[str]:
    """The words that are counted, each once, in order."""
    return sorted([one for one in dict.fromkeys(words) if len(one) < 40][:MOST_WORDS])


def asked(words: Sequence[str]) -> list[str]:
    """Those of the words that are counted which a comment is judged by."""
    return sorted(features(words), key=len, reverse=True)[:MOST_ASKED]


def score(total: Taught, counts: Iterable[Taught], enough: int) -> float | None:
    """From 0 to 1; None until moderators have decided enough comments of both kinds."""
    if min(total.good, total.bad) < enough:
        return None
    weights = sorted((_weight(total, one) for one in counts), key=abs, reverse=True)
    telling = weights[:TELLING]
    # Words come together: taken for independent, they would make every guess a certainty.
    odds = max(-30.0, min(30.0, sum(telling) / sqrt(len(telling) or 1)))
    return 1 / (1 + exp(-odds))


def _weight(total: Taught, one: Taught) -> float:
    bad, good = (one.bad + 1) / (total.bad + 2), (one.good + 1) / (total.good + 2)
    return log(bad / good)
