"""An erasure by the command line leaves no trace: in no file, no table, no log of the database."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from cms import checkpoints
from cms.actor import OPERATOR
from cms.cli import cli
from cms.database import transaction
from cms.extensions import db
from cms.models import (
    AuditEvent,
    Comment,
    CommentMail,
    Delivery,
    DeliveryAttempt,
    Mail,
    OutboxEvent,
    User,
)
from cms.services import bringing_in, checkup, clock, outbox, privacy
from tests import building
from tests.api.manage.test_privacy import CANARY, WHO, filled, written
from tests.building import ANY
from tests.commenting import approved, archived, leave, moderate

QUEUE = "/api/v1/manage/comments"


@pytest.fixture
def erase(app):
    """Run the command inside the application: what it printed, and how it ended."""

    def erase(ends=0):
        with app.app_context():
            result = CliRunner().invoke(cli, ["privacy", "erase", WHO["author_email"].upper()])
        assert result.exit_code == ends, result.output
        return result.output

    return erase


def spread(app, admin, moderator, client, post, monkeypatch):
    """What comes of comments everywhere: mail that waits, answers of receivers, an import."""
    config = replace(app.config["CMS"], smtp_url="smtp://127.0.0.1:1", mail_from="cms@example.org")
    monkeypatch.setitem(app.config, "CMS", config)
    building.webhook(admin)
    root = filled(client, moderator, post)
    admin.post(f"{QUEUE}/{root}/reply", json={"body": "Thank you."})
    rows = orjson.dumps([archived(post, note=CANARY, user_agent=CANARY, consent="Yes.", **WHO)])
    with app.app_context():
        for part in bringing_in.parts(OPERATOR, rows, "json"):
            with transaction():
                assert bringing_in.take(OPERATOR, part).new == 1
        with transaction():
            db.session.execute(update(User).values(comment_mail=CommentMail.AT_ONCE))
        with transaction():
            outbox.fan_out(clock.now())
        with transaction():
            assert db.session.scalar(select(Mail.id).limit(1))
            for one in db.session.scalars(deliveries_about(WHO["author_email"])).all():
                known = {"milliseconds": 1, "excerpt": f"Posted: {CANARY}"}
                db.session.add(DeliveryAttempt(delivery_id=one, at=clock.now(), **known))


def deliveries_about(email):
    theirs = select(Comment.id).where(Comment.email == email)
    about = OutboxEvent.payload["id"].as_string().in_(theirs)
    return select(Delivery.id).join(OutboxEvent, OutboxEvent.id == Delivery.event_id).where(about)


def everything(app):
    """All bytes of the database and of the site's folder."""
    folder = app.config["CMS"].data_dir
    return written(app) + b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())


def test_nothing_of_an_address_is_left_anywhere(
    app, admin, moderator, client, post, monkeypatch, erase
):
    spread(app, admin, moderator, client, post, monkeypatch)
    with app.app_context():
        assert everything(app).count(CANARY.encode()) > 20

    assert erase() == "3 comments removed, 1 emptied.\n"

    with app.app_context():
        assert CANARY.encode() not in everything(app)
        assert db.session.scalars(select(DeliveryAttempt.excerpt).distinct()).all() == [""]


def test_what_a_person_has_to_look_at_is_told(app, admin, moderator, client, post, erase):
    name = "Ann-Marie O'Neil"
    mine = WHO | {"author_name": name}
    first = approved(moderator, post, **mine)
    said = {"body": f"Dear {name.upper()}, see you."}
    reply = admin.post(f"{QUEUE}/{first}/reply", json=said).json["data"]["id"]
    other = approved(moderator, post, body=f"Write to {WHO['author_email']}")
    moderate(moderator, leave(client, post, body="Ann-Marie O'Neilson"), status="spam")
    approved(moderator, building.published_post(admin), body=f"{name} is elsewhere")
    faq = admin.post(f"{QUEUE}/{first}/faq", json={"question": "Why?"}).json["data"]["id"]
    rules = {"blocked_addresses": [WHO["author_email"]]}
    admin.put("/api/v1/manage/comment-rules", json=rules, headers=ANY)
    kept = app.config["CMS"].data_dir / "backups" / "a.db"
    kept.parent.mkdir(exist_ok=True)
    kept.touch()

    said = erase().splitlines()
    kept.unlink()

    assert said == [
        "0 comments removed, 1 emptied.",
        f"Comments of others that seem to name them: {', '.join(sorted([reply, other]))}",
        f"FAQs that were made from their words: {faq}",
        "The rules of comments still block the address, and so name it.",
        f"1 backups of before are in {kept.parent}.",
    ]


@pytest.fixture
def file(app):
    with app.app_context():
        return Path(db.engine.url.database)


def test_many_are_erased_some_at_a_time(app, admin, client, post, erase, monkeypatch):
    monkeypatch.setattr(privacy, "MOST", 2)
    first = approved(admin, post, **WHO)
    for number in range(4):
        approved(admin, post, parent_id=first, **WHO | {"body": f"{CANARY} {number}"})

    assert erase() == "5 comments removed, 0 emptied.\n"

    with app.app_context():
        assert CANARY.encode() not in written(app)
        lines = db.session.scalars(select(AuditEvent.id).filter_by(action="privacy.erased")).all()
        assert len(lines) == 3
        assert checkup.comment_counters(app.config["CMS"])[0] == checkup.State.OK


@pytest.mark.only_on("sqlite")
def test_who_reads_what_was_is_waited_for_and_no_longer_than_that(
    app, admin, client, post, erase, file, monkeypatch
):
    monkeypatch.setattr(checkpoints, "PATIENCE", 0.1)
    monkeypatch.setattr(checkpoints, "PAUSE", 0.1)
    leave(client, post, **WHO)
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM comments").fetchall()

        assert "Run this again." in erase(ends=1)
        leave(client, post, **WHO)
        asked = {"email": WHO["author_email"]}
        told = admin.post("/api/v1/manage/privacy/erase", json=asked).json["data"]
        assert (told["removed"], told["log_is_empty"]) == (1, False)
        with app.app_context():
            assert CANARY.encode() in written(app)

        threading.Timer(0.3, reader.execute, ["ROLLBACK"]).start()
        assert erase() == "0 comments removed, 0 emptied.\n"
    with app.app_context():
        assert CANARY.encode() not in written(app)


@pytest.mark.parametrize("asked", ["", "Ann <ann@example.org", " "])
@pytest.mark.parametrize("command", ["erase", "export"])
def test_what_is_no_address_is_refused(app, command, asked):
    with app.app_context():
        result = CliRunner().invoke(cli, ["privacy", command, asked])

    assert result.exit_code == 2
    assert "Invalid value for 'EMAIL'" in result.output
