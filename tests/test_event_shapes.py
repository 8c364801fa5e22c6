"""What arrives at a receiver is what the API's description says of it."""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from cms.database import transaction
from cms.services import clock, outbox
from cms.times import format_time, utc_now
from cms.worker import Worker
from tests import building, commenting
from tests.api.openapi_snapshot import present
from tests.building import ANY
from tests.receivers import receiving

POSTS = "/api/v1/manage/posts"


@pytest.fixture
def site(app, monkeypatch):
    given = {"outbound_allow": ("127.0.0.0/8",), "surrogate_keys": True, "rate_limits": False}
    monkeypatch.setitem(app.config, "CMS", replace(app.config["CMS"], **given))
    return app


def test_what_arrives_has_the_shape_that_is_described(site, admin):
    with receiving() as receiver:
        made = building.webhook(admin, url=receiver.url)
        admin.post(f"/api/v1/manage/webhooks/{made['id']}/ping")
        live_a_little(site, admin)
        Worker(site).run_once()
        arrived = [json.loads(body) for _, body in receiver.arrived]

    for message in arrived:
        fault = next(EVENTS.iter_errors(message), None)
        assert fault is None, (message, fault.message)
        assert message["data"].keys() <= described(message["type"]).keys()
    assert {one["type"] for one in arrived} >= HAPPENED
    assert [one["type"] for one in arrived if "at" in one["data"]] == ["post.published"]


def live_a_little(site, admin):
    post, timed = building.published_post(admin), building.post(admin)
    comment = commenting.approved(admin, post)
    commenting.moderate(admin, comment, status="spam")
    building.corrected(admin, post["id"], title="Warmer hands")
    admin.post(f"{POSTS}/{post['id']}/review", json=building.review(admin), headers=ANY)
    # Two tags, one of which becomes part of the other.
    kept, merged = building.tag(admin), building.tag(admin)
    admin.post(f"/api/v1/manage/tags/{merged['id']}/merge", json={"into": kept["id"]}, headers=ANY)
    building.media(admin)
    building.faq(admin)
    begin_soon(admin, timed)
    admin.delete(f"{POSTS}/{post['id']}/publication", headers=ANY)
    admin.delete(f"{POSTS}/{post['id']}", headers=ANY)
    with site.app_context(), transaction():
        # Nobody waits for a day on which a review is due.
        named = {"slug": "heat", "locale": "en", "due_on": "2026-01-31"}
        outbox.record("review.due", clock.now(), id=post["id"], **named)


def begin_soon(admin, post):
    begins = utc_now() + timedelta(seconds=1)
    building.publish(admin, post, publish_at=format_time(begins))
    while utc_now() <= begins:
        time.sleep(0.05)


HAPPENED = {
    *("post.created", "post.published", "post.updated", "post.reviewed", "post.trashed"),
    *("post.saved", "post.unpublished", "faq.created", "comment.submitted", "comment.approved"),
    *("comment.moderated", "tag.created", "tag.merged", "media.created", "cache.purge"),
    *("review.due", "webhook.ping", "post.scheduled"),
}
DOCUMENT = present()
EVENTS = Draft202012Validator(
    {"$ref": "#/components/schemas/Event", "components": DOCUMENT["components"]},
    format_checker=FormatChecker(),
)


def described(event_type):
    """What `data` of a type of event may name."""
    body = DOCUMENT["webhooks"][event_type]["post"]["requestBody"]["content"]["application/json"]
    schema = DOCUMENT["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
    return schema["properties"]["data"]["properties"]
