"""How alike two posts are: an ordered list of signals, each with its weight. Pure."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

# Days after which posts are half as near to one another.
HALF_LIFE = 365.0


@dataclass
class Text:
    """A public post, as far as signals look at it."""

    id: str
    # The number of the text itself: another text of the post has another.
    publication: int
    words: Counter[str]
    published_at: datetime
    # What it is filed under, by id (`tag:ID`), and of what kind that is.
    terms: dict[str, str] = field(default_factory=dict)
    # How much each distinctive word tells; the sum is 1.
    weights: dict[str, float] = field(default_factory=dict)


# How alike two posts are by one measure, from 0 to 1, and why.
Verdict = tuple[float, list[str]]
Signal = Callable[[Text, Text], Verdict]


def shared_words(one: Text, other: Text) -> Verdict:
    shared = [word for word in one.weights if word in other.words]
    shared.sort(key=lambda word: (-one.weights[word], word))
    return sum(one.weights[word] for word in shared), [f"term:{word}" for word in shared[:3]]


def shared_tags(one: Text, other: Text) -> Verdict:
    mine, theirs = (named(text, "tag") for text in (one, other))
    every = mine | theirs
    return len(mine & theirs) / len(every) if every else 0.0, sorted(mine & theirs)


def same_category(one: Text, other: Text) -> Verdict:
    shared = named(one, "category") & named(other, "category")
    return float(bool(shared)), sorted(shared)[:1]


def nearness_in_time(one: Text, other: Text) -> Verdict:
    days = abs((one.published_at - other.published_at).total_seconds()) / 86_400
    return 0.5 ** (days / HALF_LIFE), []


# In the order in which reasons are told; the weights sum to 1.
SIGNALS: list[tuple[Signal, float]] = [
    (shared_tags, 0.25),
    (same_category, 0.1),
    (shared_words, 0.6),
    (nearness_in_time, 0.05),
]


def named(text: Text, kind: str) -> set[str]:
    return {name for name, known in text.terms.items() if known == kind}
