"""What similar posts are found among: the texts that are public at a moment, and nothing else.

The index, the terms and their totals know what waits as well. It gives no candidate and no word
its weight, or a reason would tell of it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Integer, String, bindparam, select

from cms.extensions import db
from cms.models import Kind, Publication, PublicationTerm
from cms.reading import session_reader
from cms.services import folding, public_words
from cms.services.public_words import COMMON, Here
from cms.services.published import LOCALE, NOW, is_public
from cms.services.similarity import Text, named
from cms.services.sql_search import text_of_hit
from cms.times import format_time

# How many candidates the words of a post give, and how many each tag and category.
CANDIDATES, NEWEST = 40, 20
# Of a post's words, how many are looked up, and how many ask.
PROBED, ASKING = 40, 12
SHORTEST = 4

_PUBLIC = select(Publication.id, Publication.locale).where(
    Publication.entry_id == bindparam("entry", type_=String()), is_public()
)
_TERM = PublicationTerm
_NEWEST = (
    select(_TERM.publication_id)
    .join(Publication, Publication.id == _TERM.publication_id)
    .where(
        _TERM.term == bindparam("term", type_=String()),
        _TERM.kind == Kind.POST,
        _TERM.locale == LOCALE,
        # What is to come is not even walked past.
        _TERM.published_at <= NOW,
        is_public(),
    )
    .order_by(_TERM.published_at.desc(), _TERM.entry_id.desc())
    .limit(bindparam("newest", type_=Integer()))
)


def public_row(post_id: str, now: datetime) -> tuple[int, str] | None:
    """The id and the locale of what readers see of a post."""
    asked = {"entry": post_id, "now": format_time(now)}
    return session_reader().row(_PUBLIC, asked)


def read(ids: Iterable[int]) -> list[Text]:
    """The texts of these publications, in the order of their ids."""
    row, said = Publication, text_of_hit(Publication.id).label("text")
    query = select(row.id, row.entry_id, row.published_at, said)
    query = query.where(row.id.in_(sorted(ids))).order_by(row.id)
    found = {
        row.id: Text(row.entry_id, row.id, Counter(folding.words(row.text or "")), row.published_at)
        for row in db.session.execute(query)
    }
    mine = _TERM.publication_id.in_(list(found))
    for publication, term in db.session.execute(
        select(_TERM.publication_id, _TERM.term).where(mine)
    ):
        found[publication].terms[term] = term.partition(":")[0]
    return list(found.values())


def weights(one: Text, here: Here) -> dict[str, float]:
    """The distinctive words of a text: tf-idf, without words that `COMMON` texts have."""
    known = [word for word in one.words if len(word) >= SHORTEST and not word.isdigit()]
    known.sort(key=lambda word: (-one.words[word] * len(word), word))
    probed = known[:PROBED]
    posts = public_words.posts(here)
    found = {}
    for word, texts in zip(probed, public_words.counts(probed, here, posts), strict=True):
        # A word that no other text has finds none.
        if 1 < texts < COMMON:
            found[word] = (1 + math.log(one.words[word])) * math.log(
                1 + max(2, posts.public) / texts
            )
    best = sorted(found, key=lambda word: (-found[word], word))[:ASKING]
    total = sum(found[word] for word in best)
    return {word: found[word] / total for word in best}


def candidates(one: Text, here: Here) -> set[int]:
    """Publications that may resemble a text whose weights are known, itself aside."""
    return {*_by_words(one, here), *_by_terms(one, here)} - {one.publication}


def _by_words(one: Text, here: Here) -> Sequence[int]:
    """Those that have most of the distinctive words, by weight; of equal ones, the newest."""
    # Not by the index's own measure, which counts what waits, and differs between databases.
    told: dict[int, float] = {}
    for word, weight in one.weights.items():
        for row in public_words.having(word, here):
            told[row] = told.get(row, 0.0) + weight
    return sorted(told, key=lambda row: (-told[row], -row))[: CANDIDATES + 1]


def _by_terms(one: Text, here: Here) -> Iterable[int]:
    """The newest posts of each tag and of each category."""
    for term in sorted(named(one, "tag") | named(one, "category")):
        for (row,) in here.rows(_NEWEST, term=term, newest=NEWEST + 1):
            yield row
