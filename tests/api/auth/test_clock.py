"""Machines disagree about the time; the site has one clock: PostgreSQL's, where there is one."""

from datetime import datetime, timedelta

import pytest

from cms import times
from cms.reading import reader
from tests import building
from tests.api.auth.people import ME, browse, join, make_token, status_with

pytestmark = pytest.mark.threat("B9")


@pytest.fixture
def machine_is_off(monkeypatch):
    """Let the machine's clock go wrong by a span."""

    def off(span: timedelta) -> None:
        class Wrong(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + span

        monkeypatch.setattr(times, "datetime", Wrong)

    return off


@pytest.fixture
def sqlite(app) -> bool:
    """Whether the machine's clock is the site's."""
    with app.app_context():
        return reader().is_sqlite


@pytest.mark.thorough
def test_a_session_ends_by_the_clock_of_the_site(app, machine_is_off, sqlite):
    join(app)
    browser = browse(app)

    machine_is_off(timedelta(days=30))

    assert browser.me() == (401 if sqlite else 200)


def test_a_token_ends_by_the_clock_of_the_site(app, machine_is_off, sqlite):
    join(app)
    end = times.format_time(times.utc_now() + timedelta(days=1))
    token = make_token(browse(app), expires_at=end)["token"]

    machine_is_off(timedelta(days=2))

    assert status_with(app, token, ME) == (401 if sqlite else 200)


def test_an_author_may_edit_by_the_clock_of_the_site(sign_in, admin, machine_is_off, sqlite):
    author = sign_in("author")
    post = building.post(author)
    url = f"/api/v1/manage/posts/{post['id']}"
    building.publish(admin, post)
    assert author.patch(url, json={"title": "x"}, headers=building.ANY).status_code == 403
    admin.delete(f"{url}/publication", headers=building.ANY)

    # There, the post has not been taken offline yet.
    machine_is_off(timedelta(days=-1))

    answer = author.patch(url, json={"title": "x"}, headers=building.ANY)
    assert answer.status_code == (403 if sqlite else 200)
