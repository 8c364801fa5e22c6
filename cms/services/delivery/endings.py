"""Which words a beginning stands for, where those are few."""

from collections.abc import Sequence

import orjson
from sqlalchemy import text

from cms.models import Kind
from cms.services.delivery import expressions, large_sites
from cms.services.delivery.moment import Moment
from cms.services.search_terms import NO_ENDINGS, Endings, Part

# Of more words, PostgreSQL takes longer to compare texts than to gather them.
MOST = 3
_WORDS = text(
    """
    SELECT given.value, found.word
    FROM json_array_elements_text(CAST(:beginnings AS json)) AS given (value), LATERAL (
        SELECT DISTINCT word FROM search_words
        WHERE word >= given.value AND word < given.value || CAST(:last AS text)
        ORDER BY word LIMIT CAST(:most AS integer)
    ) AS found
    """
)
# Behind all that begins so.
LAST = "\U0010ffff"


def known(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> Endings:
    """Of a large site on PostgreSQL, which is slow to gather all texts that have one of many words;
    nothing of others.
    """
    if moment.reader.is_sqlite or not large_sites.is_large(moment):
        return NO_ENDINGS
    last = [part.words[-1] for part in parts if part.is_prefix]
    if not last:
        return NO_ENDINGS
    found: dict[str, list[str]] = {
        scope + word: [] for scope in expressions.scopes(moment, kinds) for word in last
    }
    given = orjson.dumps([*found]).decode()
    for beginning, word in moment.rows(_WORDS, beginnings=given, last=LAST, most=MOST + 1):
        found[beginning].append(word)
    return {beginning: words for beginning, words in found.items() if len(words) <= MOST}
