"""What a site says of itself: to load balancers, to Prometheus, and in its log."""

import json
import logging
from datetime import timedelta

import pytest

from cms import logs
from cms.api.vital_numbers import VitalNumbers
from cms.config import Config
from cms.database import transaction
from cms.extensions import db
from cms.models import Delivery, Mail, MailKind, OutboxEvent, Webhook
from cms.models.base import new_id
from cms.services import clock, heartbeat
from cms.times import utc_now
from cms.worker import STEPS, Step, Worker

HOUR = timedelta(hours=1)


def told(app):
    return {
        (one.name, *one.labels.values()): one.value
        for family in VitalNumbers(app).collect()
        for one in family.samples
    }


def test_a_site_without_a_worker_is_ready_and_says_so(app, client):
    before = client.get("/readyz")
    Worker(app, STEPS[:1]).run_due()
    after = client.get("/readyz")
    with app.app_context(), transaction():
        long_ago = utc_now() - heartbeat.SILENT - timedelta(seconds=1)
        heartbeat.record({STEPS[0].name: (long_ago, None)})
    silent = client.get("/readyz")

    assert [one.status_code for one in (before, after, silent)] == [200] * 3
    assert before.json["warnings"] == {"worker": "no worker has run yet"}
    assert after.json["warnings"] == {}
    assert silent.json["warnings"]["worker"].startswith("no worker has run since 20")


def test_the_numbers_of_the_database_are_those_of_its_rows(app):
    def fail(_now):
        raise RuntimeError("broken")

    Worker(app, [Step("good", HOUR, lambda _: 0), Step("bad", HOUR, fail)]).run_due()
    with app.app_context(), transaction():
        now = clock.now()
        hook = Webhook(url="https://www.example.org/", events=["*"])
        events = [
            OutboxEvent(id=new_id(), type="post.published", payload={}, created_at=now - HOUR)
            for _ in range(4)
        ]
        db.session.add_all([hook, *events])
        db.session.flush()
        states = [{"due_at": now - HOUR}, {"received_at": now}, {}]
        for event, state in zip(events[1:], states, strict=True):
            event.fanned_out_at = now
            row = Delivery(event_id=event.id, webhook_id=hook.id, created_at=now, **state)
            db.session.add(row)
        for mail in ({"due_at": now - HOUR}, {"sent_at": now}, {"failure": "SMTP 550"}, {}):
            db.session.add(Mail(kind=MailKind.REVIEW, created_at=now, **mail))

    found = told(app)

    hour = HOUR.total_seconds()
    assert found["cms_outbox_oldest_seconds",] >= hour <= found["cms_deliveries_oldest_seconds",]
    for outcome in ("received", "failed", "waiting"):
        assert found["cms_deliveries", outcome] == 1
    assert found["cms_mails_oldest_seconds",] >= hour
    assert [found["cms_mails", one] for one in ("sent", "failed", "waiting")] == [1, 1, 1]
    assert ("cms_worker_step_timestamp_seconds", "good") in found
    assert ("cms_worker_step_timestamp_seconds", "bad") not in found
    assert ("cms_worker_step_failure_timestamp_seconds", "bad") in found


@pytest.mark.threat("A16")
def test_an_event_in_json_tells_where_and_not_what_somebody_wrote(tmp_path, capsys):
    # Of a process of its own otherwise: every application sets this process's log.
    logs.configure(Config(data_dir=tmp_path, secret="x", log="json"))
    try:
        int("mia@example.org")
    except ValueError:
        logging.getLogger("cms.somewhere").exception("request %s failed", "abc")
    finally:
        logs.configure(Config(data_dir=tmp_path, secret="x"))

    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["error"]) == ("request abc failed", "ValueError")
    assert line["stack"][0].endswith(
        "test_an_event_in_json_tells_where_and_not_what_somebody_wrote"
    )
    assert "mia@" not in json.dumps(line)
