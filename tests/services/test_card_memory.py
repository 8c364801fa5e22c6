"""Cards of posts in memory: what is remembered, and for how long."""

import pytest

from cms.reading import reader
from cms.services import changes
from cms.services.delivery.card_memory import OVERHEAD, PRESENT, Cards

STATE = (1, 0, True, "[]")


def test_a_card_is_shown_in_the_state_it_was_made_in_alone():
    cards = Cards()
    cards.keep("a", STATE, 1, b"{}")
    assert cards.get("a", STATE) == b"{}"
    assert cards.get("a", (1, 1, True, "[]")) is None
    assert cards.get("b", STATE) is None


def test_the_oldest_goes_first_beyond_the_bound():
    cards = Cards(most=2 * (OVERHEAD + 2))
    for name in ("a", "b", "a", "c"):
        cards.keep(name, STATE, 1, b"{}")
    assert [cards.get(name, STATE) for name in "abc"] == [b"{}", None, b"{}"]


@pytest.fixture
def present(app, post):
    """The generation of the database, and what reads it."""
    with app.app_context():
        yield reader().rows(PRESENT, {})[0][0], reader()


def test_what_was_made_of_an_older_state_is_not_kept(present):
    cards, (now, reads) = Cards(), present
    cards.learn(reads, now)
    cards.keep("a", STATE, now - 1, b"{}")
    assert cards.get("a", STATE) is None


def test_who_waited_while_another_learned_more_forgets_nothing(present):
    cards, (now, reads) = Cards(), present
    cards.learn(reads, now)
    cards.keep("a", STATE, now, b"{}")
    cards.learn(reads, now - 1)
    assert cards.get("a", STATE) == b"{}"


def test_a_copy_that_is_put_back_is_no_reason_to_show_what_was_later(present):
    cards, (now, reads) = Cards(), present
    cards.learn(reads, now + 5)
    cards.keep("a", STATE, now + 5, b"{}")
    cards.learn(reads, now)
    assert cards.get("a", STATE) is None
    cards.keep("a", STATE, now, b"{}")
    assert cards.get("a", STATE) == b"{}"


TOUCHED = {
    "the post alone": ({"post:a", "list:post"}, [None, b"{}"]),
    "another post": ({"post:c"}, [b"{}", b"{}"]),
    "a tag": ({"tag:x"}, [None, None]),
    "a category": ({"category:x"}, [None, None]),
    "an author": ({"author:x"}, [None, None]),
    "nobody knows": (None, [None, None]),
}


@pytest.mark.parametrize(("touched", "left"), TOUCHED.values(), ids=TOUCHED)
def test_a_change_drops_what_it_touched(monkeypatch, touched, left):
    monkeypatch.setattr(changes, "keys_between", lambda *_: touched)
    cards = Cards()
    cards.learn(None, 1)
    for name in "ab":
        cards.keep(name, STATE, 1, b"{}")
    cards.learn(None, 2)
    assert [cards.get(name, STATE) for name in "ab"] == left
