"""The full-text index of SQLite is joined to one piece, a part at a time."""

import pytest

from cms.database import transaction
from cms.services import search_pieces
from tests import building


@pytest.fixture
def joined(app):
    """Do one part, and answer whether there may be more."""

    def join():
        with app.app_context(), transaction():
            return search_pieces.join()

    return join


@pytest.fixture
def pieces(app):
    def found():
        with app.app_context():
            return search_pieces.sizes()

    return found


def found(client):
    answer = client.get("/api/v1/search?q=heat&total=true").json
    return answer["meta"]["total"], {hit["slug"] for hit in answer["data"]}


@pytest.fixture
def posts(config, editor, pieces):
    """Seven, and more until there are several pieces: FTS5 has just joined four by itself."""
    made = [building.published_post(editor, title=f"Heat {n}") for n in range(7)]
    while not config.database_url and len(pieces()) < 2:
        made.append(building.published_post(editor, title=f"Heat {len(made)}"))
    return made


def test_everything_is_found_in_what_is_joined(config, client, posts, joined, pieces):
    if config.database_url:
        assert not joined()
        return
    before = found(client)
    assert len(pieces()) > 1

    while joined():
        assert found(client) == before

    assert len(pieces()) == 1
    assert found(client) == before == (len(posts), {post["slug"] for post in posts})
    assert not joined()


def test_what_is_published_meanwhile_is_found(
    config, client, editor, posts, joined, pieces, monkeypatch
):
    if config.database_url:
        return
    # So that it takes several parts, and is not due again in the middle.
    monkeypatch.setattr(search_pieces, "PAGES", 1)
    assert joined()
    monkeypatch.setattr(search_pieces, "PART", 1000)
    building.published_post(editor, title="Heat, and more")

    while joined():
        pass

    assert found(client)[0] == len(posts) + 1
    assert len(pieces()) <= 2


@pytest.mark.parametrize(
    ("pages", "due"), [([], False), ([40], False), ([100, 9], False), ([100, 9, 1], True)]
)
def test_little_is_left_as_it_is(pages, due):
    assert search_pieces._is_due(pages) is due
