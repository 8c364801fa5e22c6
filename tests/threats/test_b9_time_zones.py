"""B9: a moment is the same wherever the server stands."""

import os
import time
from datetime import datetime

import pytest

from tests import building
from tests.building import ANY

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B9")]

ZONES = ["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
# As it is written, and as it is kept: among them hours that a clock has twice, or never.
MOMENTS = {
    "2500-03-28T02:30:00+01:00": "2500-03-28T01:30:00.000Z",
    "2500-10-31T02:30:00+02:00": "2500-10-31T00:30:00.000Z",
    "2500-11-07T01:30:00-04:00": "2500-11-07T05:30:00.000Z",
    "2500-11-07T01:30:00-05:00": "2500-11-07T06:30:00.000Z",
    "2500-01-01T00:00:00+14:00": "2499-12-31T10:00:00.000Z",
    "2500-01-01T00:00:00.1239Z": "2500-01-01T00:00:00.123Z",
    "2500-02-28T23:59:59.999-11:00": "2500-03-01T10:59:59.999Z",
}


@pytest.fixture(params=ZONES)
def zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    os.environ.pop("TZ")
    time.tzset()


@pytest.mark.usefixtures("zone")
def test_a_schedule_is_kept_as_the_moment_that_it_is(editor):
    url = f"/api/v1/manage/posts/{building.post(editor)['id']}/publication"
    for written, kept in MOMENTS.items():
        answer = editor.put(url, json={"publish_at": written}, headers=ANY)
        assert answer.status_code == 200, answer.json
        assert kept in answer.text
        editor.delete(f"{url}/scheduled", headers=ANY)


@pytest.mark.usefixtures("zone")
def test_what_is_published_now_is_public_now(client, editor):
    post = building.published_post(editor)

    shown = client.get(f"/api/v1/posts/{post['slug']}").json["data"]

    assert shown["published_at"].endswith("Z")
    assert abs(moment_of(shown["published_at"]) - time.time()) < 3600


@pytest.mark.usefixtures("zone")
def test_days_of_the_site_begin_with_utc(client, editor):
    post = building.post(editor)
    moment = "2020-06-01T23:30:00-11:00"
    building.publish(editor, post, published_at=moment)

    def found(query):
        return [one["slug"] for one in client.get(f"/api/v1/posts?{query}").json["data"]]

    assert found("published_after=2020-06-02T10:00:00Z") == [post["slug"]]
    assert found("published_after=2020-06-02T11:00:00Z") == []


def moment_of(text):
    return datetime.fromisoformat(text).timestamp()
