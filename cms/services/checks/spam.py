"""Naive Bayes over words: how likely a comment is spam, by what moderators decided before."""

import re
from collections.abc import Iterable, Sequence
from math import exp, log, sqrt
from typing import NamedTuple

from cms.services.checks.wording import Run, words_of

# More words of one comment than this tell nothing new. One more would double what is looked up.
MOST_WORDS = 256
# Of an address the host alone tells: anybody can fill the rest with words that nobody uses.
ADDRESS = re.compile(
    r"(?:https?://(?:[^\s/?#@]*@)?|mailto:(?:[^\s?@]*@)?|www\.)([^\s/?#]*)\S*", re.IGNORECASE
)
# The most telling words decide: a long innocent text must not hide them.
TELLING = 20


class Taught(NamedTuple):
    """In how many comments of each kind something was."""

    good: int = 0
    bad: int = 0


def words_in(text: str, hrefs: Iterable[str]) -> Run:
    """What readers see, and the hosts that it leads to."""
    read = "\n".join((text, *hrefs))
    # Most comments hold none, and a look through all letters costs as much as their words.
    may_lead = ":" in read or "www." in read.lower()
    return words_of(ADDRESS.sub(r" \1 ", read) if may_lead else read)


def features(words: Sequence[str]) -> list[str]:
    """The words that are counted, each once, in order."""
    return sorted([one for one in dict.fromkeys(words) if len(one) < 40][:MOST_WORDS])


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
