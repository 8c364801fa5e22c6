"""What public answers depend on: the keys that changes touch, so that each drops only these.

An answer that shows single posts holds those (`Moment.held`); besides, it holds whole kinds whose
members it names or counts. What is given no keys holds everything.
"""

from collections.abc import Iterable
from typing import Any

from cms.services.delivery.moment import Moment
from cms.services.generation import OPENNESS

# What posts name: seldom changed, and named in many.
TERMS = frozenset({"list:tag", "list:category", "list:author"})
# Posts say whether comments are open, which the rules may change for all of them.
POSTS, FAQS = TERMS | {"list:post", OPENNESS}, frozenset({"list:faq", "list:tag"})
POST = TERMS | {"list:faq", OPENNESS}
# Every post that shows a FAQ is named by it.
FAQ = FAQS | {"list:post"}
# What narrows lists and searches, each by slugs that may change hands.
FILTERS = ("tag", "category", "author")
SITE = frozenset({"site"})
SITEMAP = frozenset({"list:post"})
# What stands in the full-text index. How well a hit fits depends on all that does, of either kind.
INDEX = frozenset({"list:post", "list:faq"})
# Whatever these bring, it is not told by what is shown.
FAR = ("include", "post")


def by(moment: Moment, kinds: Iterable[str], query: dict[str, Any] | None = None) -> Iterable[str]:
    """The keys of an answer; none, which is everything, where the query reaches far."""
    far = query is not None and any(query.get(name) for name in FAR)
    return () if far else moment.held.union(kinds)


def by_words(query: dict[str, Any]) -> Iterable[str]:
    """Those of a search, which shows no terms, and may be narrowed by some."""
    return INDEX.union(f"list:{kind}" for kind in FILTERS if kind in query)


def by_terms(kind: str) -> Iterable[str]:
    """Those of tags, categories or authors, each with its number of posts."""
    return (f"list:{kind}", "list:post")
