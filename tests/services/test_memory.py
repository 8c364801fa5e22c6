"""What a process remembers of what it showed, and for how long."""

import pytest

from cms.reading import reader
from cms.services import changes
from cms.services.delivery.memory import OVERHEAD, PRESENT, Memory

STATE = (1, 0, True, "[]")
KEPT = (STATE, b"{}")


def test_what_is_kept_comes_back_with_the_state_that_it_is_true_in():
    known = Memory()
    known.keep("a", STATE, 1, b"{}")
    assert known.get("a") == (STATE, b"{}")
    assert known.get("b") is None


def test_the_oldest_goes_first_beyond_the_bound():
    known = Memory(most=2 * (OVERHEAD + 2))
    for name in ("a", "b", "a", "c"):
        known.keep(name, STATE, 1, b"{}")
    assert [known.get(name) for name in "abc"] == [KEPT, None, KEPT]


@pytest.fixture
def present(app, post):
    """The generation of the database, and what reads it."""
    with app.app_context():
        yield reader().rows(PRESENT, {})[0][0], reader()


def test_what_was_made_of_an_older_state_is_not_kept(present):
    known, (now, reads) = Memory(), present
    known.learn(reads, now)
    known.keep("a", STATE, now - 1, b"{}")
    assert known.get("a") is None


def test_who_waited_while_another_learned_more_forgets_nothing(present):
    known, (now, reads) = Memory(), present
    known.learn(reads, now)
    known.keep("a", STATE, now, b"{}")
    known.learn(reads, now - 1)
    assert known.get("a") == KEPT


def test_a_copy_that_is_put_back_is_no_reason_to_show_what_was_later(present):
    known, (now, reads) = Memory(), present
    known.learn(reads, now + 5)
    known.keep("a", STATE, now + 5, b"{}")
    known.learn(reads, now)
    assert known.get("a") is None
    known.keep("a", STATE, now, b"{}")
    assert known.get("a") == KEPT


TOUCHED = {
    "the post alone": ({"post:a", "list:post"}, {"post:b", "faq:c"}),
    "another post": ({"post:c"}, {"post:a", "post:b", "faq:c"}),
    "a FAQ": ({"faq:c"}, {"post:a", "post:b"}),
    "a tag": ({"tag:x"}, set()),
    "a category": ({"category:x"}, set()),
    "an author": ({"author:x"}, set()),
    "nobody knows": (None, set()),
}


@pytest.mark.parametrize(("touched", "left"), TOUCHED.values(), ids=TOUCHED)
def test_a_change_drops_what_it_touched(monkeypatch, touched, left):
    monkeypatch.setattr(changes, "keys_between", lambda *_: touched)
    known, keys = Memory(), ("post:a", "post:b", "faq:c")
    known.learn(None, 1)
    for key in keys:
        known.keep(key, STATE, 1, b"{}")
    known.learn(None, 2)
    assert {key for key in keys if known.get(key)} == left
