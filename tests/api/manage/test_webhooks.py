"""Admins say who is told of what; secrets are shown once, and addresses are looked at."""

import pytest

from tests.api.refusals import assert_problem
from tests.building import ANY, OUTSIDE, webhook

URL = "/api/v1/manage/webhooks"


def test_its_secret_is_shown_once(admin):
    made = webhook(admin, events=["post.*", "review.due"], description="The site")
    url = f"{URL}/{made['id']}"
    changed = admin.patch(url, json={"events": ["*"], "active": False}, headers=ANY)
    answers = [admin.get(URL), admin.get(url), changed]

    renewed = admin.post(f"{url}/secret", json={"keep_old_for": 60}).json["data"]

    assert made["secret"].startswith("whsec_")
    assert made["secret"] != renewed["secret"]
    assert renewed["old_secret_until"] > made["created_at"]
    assert not [one for one in answers if made["secret"] in one.text or one.status_code != 200]
    assert changed.json["data"] | {"updated_at": None} == {
        **{name: value for name, value in made.items() if name != "secret"},
        "events": ["*"],
        "active": False,
        "version": 2,
        "updated_at": None,
    }


def test_a_change_knows_what_it_changes(admin):
    url = f"{URL}/{webhook(admin)['id']}"

    assert_problem(admin.patch(url, json={"active": False}), 428, "version_required")
    stale = admin.patch(url, json={"active": False}, headers={"If-Match": '"7"'})
    assert_problem(stale, 412, "stale_version")
    assert admin.delete(url, headers={"If-Match": '"1"'}).status_code == 204
    assert_problem(admin.get(url), 404, "not_found")
    assert_problem(admin.post(f"{url}/ping"), 404, "not_found")


REFUSED = ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "https://10.0.0.1:8443/"]
REFUSED += ["http://93.184.216.34:22/", "http://a:b@93.184.216.34/", "ftp://93.184.216.34/", "x"]
REFUSED += ["http://2130706433/", "http://example.org\n/", "http://[fe80::1%25lo]/", "http:///x"]


@pytest.mark.threat("B15")
def test_an_address_that_would_not_be_called_is_refused_wherever_it_is_set(admin):
    made = webhook(admin)
    for address in REFUSED:
        created = admin.post(URL, json={"url": address})
        changed = admin.patch(f"{URL}/{made['id']}", json={"url": address}, headers=ANY)
        for answer in (created, changed):
            assert answer.status_code in (400, 422), address
            assert answer.json["reason"] in ("url_refused", "forbidden_character"), address

    assert admin.get(URL).json["data"] == [admin.get(f"{URL}/{made['id']}").json["data"]]


@pytest.mark.parametrize(
    "events",
    [
        [],
        ["user.created"],
        ["posts.*"],
        ["post"],
        ["*.published"],
        ["post.publish"],
        ["post.*.x"],
        [""],
    ],
)
def test_events_that_nobody_outside_is_told_are_refused(admin, events):
    answer = admin.post(URL, json={"url": OUTSIDE, "events": events})

    assert_problem(answer, 422, "validation_failed")


def test_what_is_switched_off_is_neither_pinged_nor_sent_again(admin):
    url = f"{URL}/{webhook(admin)['id']}"
    delivery = admin.post(f"{url}/ping").json["data"]
    admin.patch(url, json={"active": False}, headers=ANY)

    again = admin.post(f"{url}/deliveries/{delivery['id']}/redeliver")

    assert (delivery["type"], delivery["status"], delivery["attempts"]) == (
        "webhook.ping",
        "waiting",
        [],
    )
    assert_problem(admin.post(f"{url}/ping"), 409, "webhook_inactive")
    assert_problem(again, 409, "webhook_inactive")
    other = f"{URL}/{webhook(admin)['id']}/deliveries/{delivery['id']}/redeliver"
    assert_problem(admin.post(other), 404, "not_found")
