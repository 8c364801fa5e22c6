"""One place in one list has one cursor."""

import pytest

from cms.errors import Malformed
from cms.services import cursors

pytestmark = pytest.mark.threat("B8")

LIST = cursors.scope("posts", {"sort": "title"})


@pytest.fixture
def cursor(app):
    with app.app_context():
        # A length whose last letter has bits to spare.
        yield cursors.encode(LIST, ["2026-11-22T10:00:00.000Z", "ab"])


def test_a_cursor_leads_back_to_its_place(cursor):
    assert cursors.decode(LIST, cursor) == ["2026-11-22T10:00:00.000Z", "ab"]


@pytest.mark.parametrize(
    "spell",
    [
        lambda one: one + "=" * (-len(one) % 4 or 4),
        lambda one: f"{one[:5]}!{one[5:]}",
        lambda one: f"{one[:5]}\n{one[5:]}",
        lambda one: f"{one[:5]}é{one[5:]}",
        lambda one: one[:-1] + chr(ord(one[-1]) + 1),
    ],
)
def test_no_other_spelling_of_it_is_taken(cursor, spell):
    with pytest.raises(Malformed):
        cursors.decode(LIST, spell(cursor))


def test_what_is_refused_pushes_nothing_out_of_memory(cursor):
    cursors._read.cache_clear()
    before = cursors.decode(LIST, cursor)
    signed = cursors._signed.cache_info().currsize
    for number in range(cursors._read.cache_info().maxsize + 1):
        with pytest.raises(Malformed):
            cursors.decode(LIST, f"{cursor}{number}")

    before.append("what one reader does with it")
    assert cursors.decode(LIST, cursor) == ["2026-11-22T10:00:00.000Z", "ab"]
    assert cursors._read.cache_info().hits == 1
    assert cursors._signed.cache_info().currsize == signed
