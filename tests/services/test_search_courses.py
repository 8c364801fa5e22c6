"""What is expected to be looked at, whichever way a search goes; sites as `search_newest` has them.

Numbers are those of a million posts, the newest 20,000 of which have an index of their own.
"""

import pytest

from cms.services.delivery.search_courses import Odds

EVERY = 1_000_000
# How many of the newest have the words, how many posts the group has, and what costs less.
CASES = [
    (20_000, 100, "group"),  # A word everywhere, a rare tag.
    (20_000, 10_000, "group"),
    (20_000, 900_000, "words"),  # A tag nearly everywhere.
    (2, 10_000, "words"),  # A rare word.
    (0, 10_000, "words"),
    (0, 0, "neither"),
    (2_000, 10_000, "group"),
]


@pytest.mark.parametrize(("hits", "rows", "cheaper"), CASES)
def test_the_smaller_side_is_looked_through(hits, rows, cheaper):
    odds = Odds(place=0, hits=hits, rows=rows, every=EVERY)

    costs = {odds.by_group: "group", odds.by_words: "words"}
    assert (costs[min(costs)] if len(costs) > 1 else "neither") == cheaper


def test_no_more_is_looked_at_than_there_is():
    assert Odds(0, hits=20_000, rows=300, every=EVERY).by_group <= 300 * 1.3
    assert Odds(0, hits=20, rows=EVERY, every=EVERY).by_words == pytest.approx(1_000)


def test_how_many_of_the_newest_have_both():
    assert Odds(0, hits=20_000, rows=EVERY // 100, every=EVERY).of_newest == pytest.approx(200)
