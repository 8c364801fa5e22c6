"""Everything about one address can be seen, and erased so that no file or table holds it."""

from pathlib import Path

import pytest
from sqlalchemy import MetaData, select, text

from cms.database import transaction
from cms.extensions import db
from cms.models import Base, Comment, WordCount
from cms.services import checkup, comment_upkeep, compacting, learning
from cms.times import utc_now
from tests import commenting
from tests.commenting import approved, moderate, send, thread

URL = "/api/v1/manage/privacy"
CANARY = "canary7f3"
WHO = {"author_name": f"N{CANARY}", "author_email": f"{CANARY}@example.org"}
WHO |= {"body": f"My {CANARY} hurts.", "author_url": f"https://example.org/{CANARY}"}


def written(app):
    """All that the database holds: the file of SQLite and its log, or every row as text."""
    if db.engine.dialect.name == "sqlite":
        file = Path(db.engine.url.database)
        beside = [file, file.with_name(file.name + "-wal")]
        return b"".join(one.read_bytes() for one in beside if one.exists())
    tables = MetaData()
    tables.reflect(db.engine)
    rows = [
        str(tuple(row))
        for name in tables.tables
        for row in db.session.execute(text(f'SELECT t::text FROM "{name}" AS t'))  # noqa: S608
    ]
    assert len(rows) > len(Base.metadata.tables) / 4
    return "\n".join(rows).encode()


def taught():
    """In how many comments the spam filter has seen the word."""
    found = db.session.get(WordCount, *learning.digests_of([CANARY]))
    return found.good + found.bad if found else 0


def filled(client, moderator, post):
    """Comments of one person: approved and answered, waiting, spam, and edited since."""
    given = send(client, post, key=CANARY, **WHO).json["data"]
    moderate(moderator, given["id"], status="approved", note=f"Knows {CANARY}")
    approved(moderator, post, parent_id=given["id"])
    edited = commenting.by_receipt(client, "PATCH", given, body=f"Now {CANARY} is well.")
    assert edited.status_code == 200, edited.json
    for number, status in enumerate(["pending", "spam"]):
        one = send(client, post, **WHO | {"body": f"{CANARY} {number}"}).json["data"]
        moderate(moderator, one["id"], status=status)
    return given["id"]


@pytest.mark.threat("C3")
def test_an_address_is_shown_whole_and_erased_for_good(app, client, admin, moderator, post):
    answered = filled(client, moderator, post)
    kept = admin.post(f"{URL}/export", json={"email": WHO["author_email"].upper()}).json["data"]
    assert {name: len(rows) for name, rows in kept.items() if name[0] in "ci"} == {
        "comments": 3,
        "comment_edits": 1,
        "idempotency_keys": 1,
    }
    assert len(kept["audit_log"]) >= 5 <= len(kept["outbox"])
    with app.app_context():
        assert CANARY.encode() in written(app)
        assert taught()

    erased = admin.post(f"{URL}/erase", json={"email": WHO["author_email"]})

    told = {"named_in": [], "faqs": [], "is_blocked": False, "log_is_empty": True}
    assert erased.json["data"] == {"removed": 2, "placeholders": 1} | told
    (place,) = thread(client, post)["data"]
    assert (place["id"], len(place["replies"])) == (answered, 1)
    with app.app_context():
        assert CANARY.encode() not in written(app)
        assert not taught()
        assert compacting.compact()
        assert CANARY.encode() not in written(app)
        assert checkup.comment_counters(app.config["CMS"])[0] == checkup.State.OK
    again = admin.post(f"{URL}/export", json={"email": WHO["author_email"]}).json["data"]
    assert again["comments"] == []


def test_what_is_no_address_and_who_is_no_administrator_are_refused(admin, sign_in):
    for path in ("export", "erase"):
        assert admin.post(f"{URL}/{path}", json={"email": "nobody"}).status_code == 422
        asked = {"email": WHO["author_email"]}
        assert sign_in("editor").post(f"{URL}/{path}", json=asked).status_code == 403


@pytest.mark.threat("C2")
def test_old_spam_goes_and_old_origins_are_forgotten(app, client, moderator, post):
    root, spam = approved(moderator, post), commenting.leave(client, post)
    moderate(moderator, spam, status="spam")
    answered = approved(moderator, post)
    approved(moderator, post, parent_id=answered)
    moderate(moderator, answered, status="trashed")
    with app.app_context():
        later = utc_now().replace(year=utc_now().year + 2)
        with transaction():
            assert (comment_upkeep.purge(utc_now()), comment_upkeep.purge(later)) == (0, 1)
            assert comment_upkeep.forget_origins(utc_now()) == 0
            assert comment_upkeep.forget_origins(later) == 3
        left = db.session.execute(select(Comment.id, Comment.network)).all()
        assert {row.id for row in left} >= {root, answered}
        assert ({row.network for row in left}, len(left)) == ({None}, 3)
        assert checkup.comment_counters(app.config["CMS"])[0] == checkup.State.OK
