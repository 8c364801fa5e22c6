"""What is made from a stored body is made once, while there is room for it."""

import secrets
import time

import orjson
import pytest

from cms.services.delivery import notations
from cms.services.delivery.notations import Notations
from tests import building

URL = "/api/v1/posts?body=blocks,text"
ROOM_FOR_TWO = 2 * (len('"a"') + notations.OVERHEAD)


@pytest.fixture
def made(monkeypatch):
    """What was made, in order."""
    made = []
    real = notations.MADE_FROM_HTML["text"]
    monkeypatch.setitem(
        notations.MADE_FROM_HTML, "text", lambda html: made.append(html) or real(html)
    )
    return made


def text(known, html):
    return orjson.loads(orjson.dumps(known.of("text", orjson.dumps({"html": html}), html)))


def test_the_same_body_is_made_once(made):
    known = Notations()

    assert [text(known, "<p>a</p>") for _ in range(3)] == ["a"] * 3
    assert made == ["<p>a</p>"]


def test_another_body_is_another(made):
    known = Notations()

    assert [text(known, html) for html in ("<p>a</p>", "<p>b</p>")] == ["a", "b"]


def test_the_least_used_makes_room(made):
    known = Notations(most=ROOM_FOR_TWO)
    for letter in "abacab":
        text(known, f"<p>{letter}</p>")

    assert [html[3] for html in made] == ["a", "b", "c", "b"]


def test_what_is_larger_than_all_room_is_not_kept(made):
    known = Notations(most=notations.OVERHEAD)
    for _ in range(2):
        assert text(known, "<p>long words</p>") == "long words"

    assert len(made) == 2


@pytest.mark.thorough
def test_a_list_of_long_bodies_is_made_once(client, editor):
    for _ in range(3):
        word = secrets.token_hex()
        long = "".join(f"<p>{word[:9]} {n}</p>" for n in range(8_000))
        building.published_post(editor, body={"format": "html", "source": long})

    def seconds():
        start = time.process_time()
        assert len(client.get(URL).json["data"]) == 3
        return time.process_time() - start

    # Most of what is left is to read the answer.
    first, again = seconds(), min(seconds() for _ in range(3))
    assert again < first / 2


def test_a_body_that_is_published_anew_is_shown_anew(client, editor):
    post = building.published_post(editor, body=building.markdown("Before"))
    assert client.get(URL).json["data"][0]["body"]["text"] == "Before"
    changes = {"body": building.markdown("After")}
    url = f"/api/v1/manage/posts/{post['id']}"
    assert editor.patch(url, json=changes, headers=building.ANY).status_code == 200

    building.publish(editor, post)

    assert client.get(URL).json["data"][0]["body"]["text"] == "After"
