"""Naive Bayes over words: how likely a comment is spam, by what moderators decided before."""

import re
from collections.abc import Iterable, Sequence
from math import exp, log, sqrt
from typing import NamedTuple

from cms.services.checks.wording import Run, words_of

# Of an address the host alone tells: anybody can fill the rest with words that nobody uses.
ADDRESS = re.compile(
    r"(?:https?://(?:[^\s/?#@]*@)?|mailto:(?:[^\s?@]*@)?|www\.)([^\s/?#]*)\S*", re.IGNORECASE
)
# The most telling words decide: so many at most that speak against a comment, and for it no more
# than against it. So no filler outweighs them; and one word of spam condemns no long comment.
AGAINST = 10
FOR_AT_LEAST = 5
# What is not so many times as common in one kind tells nothing, however much of it there is.
TELLING = 1.6


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
    """The words that are counted, each once."""
    return [one for one in dict.fromkeys(words) if len(one) < 40]


def score(total: Taught, counts: Iterable[tuple[int, int]], enough: int) -> float | None:
    """From 0 to 1; None until moderators have decided enough comments of both kinds."""
    if min(total.good, total.bad) < enough:
        return None
    balance = (total.good + 2) / (total.bad + 2)
    telling = _telling([(bad + 1) / (good + 1) * balance for good, bad in counts])
    # Words come together: taken for independent, they would make every guess a certainty.
    odds = sum(map(log, telling)) / sqrt(len(telling) or 1)
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))


def _telling(ratios: Sequence[float]) -> list[float]:
    bad = sorted((one for one in ratios if one > TELLING), reverse=True)[:AGAINST]
    good = sorted(one for one in ratios if one < 1 / TELLING)
    return bad + good[: max(len(bad), FOR_AT_LEAST)]
