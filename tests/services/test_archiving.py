"""Comments out of a site and into it again, by the commands that people type."""

import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from cms.cli import cli
from cms.database import transaction
from cms.extensions import db
from cms.importers import comment_files
from cms.models import Comment, ConsentText, OutboxEvent, Thread
from cms.models.base import new_id
from cms.services import archiving, checkup
from tests import building, commenting
from tests.commenting import approved, archived, by_receipt, leave, moderate, send, thread
from tests.content.hostile import HOSTILE, violations

KINDS = ["json", "csv"]
QUEUE = "/api/v1/manage/comments"


@pytest.fixture
def cms(app):
    """Run a command inside the application: what it printed, and how it ended."""

    def run(*words, ends=0):
        with app.app_context():
            result = CliRunner().invoke(cli, ["comment", *map(str, words)])
        assert result.exit_code == ends, result.output
        return result.output

    return run


def emptied(app):
    with app.app_context(), transaction():
        db.session.execute(delete(Comment))
        db.session.execute(delete(ConsentText))
        zero = dict.fromkeys(("approved", "pending", "spam", "rejected", "trashed"), 0)
        db.session.execute(update(Thread).values(zero))


def filled(app, client, admin, moderator, post):
    """A thread with everything in it: answers, a place, a flag, quotes, consent, each status."""
    said = {"comment_consent": {"en": "I agree, of course."}}
    admin.patch("/api/v1/manage/settings", json=said, headers=building.ANY)
    root = approved(moderator, post, body='=1+1 said "he"\n\nand *left*', author_name="@Ann")
    reply = approved(moderator, post, parent_id=root, author_url="https://example.org/?a=1&b=2")
    admin.post(f"{QUEUE}/{reply}/reply", json={"body": "Thank you."})
    moderate(moderator, root, note="\ttabbed", status="trashed")
    given = send(client, post).json["data"]
    moderate(moderator, given["id"], status="approved")
    approved(moderator, post, parent_id=given["id"])
    assert by_receipt(client, "DELETE", given).status_code == 204
    for status in ("spam", "rejected", "pending"):
        moderate(moderator, leave(client, post, body="I want to die."), status=status)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.thorough
def test_a_thread_comes_back_as_it_was(app, client, admin, moderator, post, cms, tmp_path, kind):
    filled(app, client, admin, moderator, post)
    file, again = tmp_path / f"all.{kind}", tmp_path / f"again.{kind}"
    cms("export", file)
    before, queue = thread(client, post), moderator.get(f"{QUEUE}?limit=100").json
    emptied(app)

    assert "8 comments are new, 0 were there" in cms("import", file)

    assert thread(client, post) == before
    new = moderator.get(f"{QUEUE}?limit=100").json
    assert new["meta"] == queue["meta"]
    for name in ("id", "status", "flag", "author", "body", "note", "consent", "withdrawn_at"):
        assert [one[name] for one in new["data"]] == [one[name] for one in queue["data"]]
    cms("export", again)
    assert again.read_bytes() == file.read_bytes()
    assert "0 comments are new, 8 were there" in cms("import", file)
    with app.app_context():
        assert checkup.comment_counters(app.config["CMS"])[0] == checkup.State.OK
        told = select(OutboxEvent.id).where(OutboxEvent.type == "comment.imported")
        assert len(db.session.scalars(told).all()) == 8


def kept(tmp_path, *records):
    file = tmp_path / "some.json"
    file.write_bytes(orjson.dumps(records))
    return file


def test_what_this_site_does_not_know_is_left_out_and_named(client, post, cms, tmp_path):
    above = archived(post)
    moved = archived(post, post_id=new_id(), post_slug=post["slug"], post_locale="en")
    lost = archived(post, post_id=new_id())
    double = archived(post, body=f"  {above['body'].upper()} ")
    circle = [archived(post, id=new_id()) for _ in range(2)]
    for one, other in zip(circle, reversed(circle), strict=True):
        one["parent_id"] = other["id"]
    answer = archived(post, parent_id=above["id"], network="192.0.2.77")
    orphans = [archived(post, parent_id=lost["id"]), archived(post, parent_id=new_id())]
    file = kept(tmp_path, answer, *orphans, lost, above, double, moved, *circle)

    said = cms("import", file, ends=1)

    assert "3 comments are new, 0 were there, 6 were left out." in said
    for one in (lost, double, *orphans, *circle):
        assert f"Left out {one['id']}: " in said
    shown = {one["id"]: one["replies"] for one in thread(client, post)["data"]}
    assert shown.keys() == {above["id"], moved["id"]}
    assert [one["id"] for one in shown[above["id"]]] == [answer["id"]]


WRONG = [{"author_email": "nobody"}, {"author_name": "<>"}, {"body": " "}, {"body": "x" * 5001}]
WRONG += [{"author_url": "javascript:alert(1)"}, {"network": "here"}, {"body": "a\x01b"}]
WRONG += [{"withdrawn_at": "2026-01-12T09:00:00Z"}, {"note": "n" * 501}]
# Of a withdrawn one, too.
NOWHERE = [{"post_slug": "a\x00b"}, {"post_locale": "e\x00n"}, {"post_slug": "s" * 201}]
NOWHERE += [one | {"withdrawn_at": "2026-01-12T09:00:00Z", "status": "trashed"} for one in NOWHERE]


def test_a_file_with_a_fault_is_refused_whole(app, client, post, cms, tmp_path):
    for wrong in WRONG:
        said = cms("import", kept(tmp_path, archived(post), archived(post, **wrong)), ends=1)
        assert f"{next(iter(wrong)) if 'withdrawn_at' not in wrong else 'status'}: " in said
    assert thread(client, post)["meta"]["total"] == 0
    whole = kept(tmp_path, archived(post, network="192.0.2.77", user_agent="x" * 400))
    cms("import", whole)
    with app.app_context():
        (one,) = db.session.scalars(select(Comment)).all()
        assert (one.network, len(one.user_agent)) == ("192.0.2.0/24", 300)


@pytest.mark.parametrize("kind", KINDS)
def test_a_post_that_no_site_can_have_is_a_fault(cms, post, tmp_path, kind):
    file = tmp_path / f"all.{kind}"
    for wrong in NOWHERE:
        one = archived(post, post_id=new_id(), **wrong)
        file.write_text(
            "".join(
                comment_files.written([dict.fromkeys(archiving.NAMES) | one], archiving.NAMES, kind)
            )
        )
        assert f"{next(iter(wrong))}: " in cms("import", file, ends=1)


@pytest.mark.threat("B1")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.thorough
def test_no_markup_becomes_active_by_an_import(client, moderator, post, cms, tmp_path, kind):
    texts = [text for text in HOSTILE if text.isprintable()]
    records = [
        archived(post, body=text, author_name=f"N {text[:70]}", author_email=f"n{at}@example.org")
        for at, text in enumerate(texts)
    ]
    first = kept(tmp_path, *records)
    cms("import", first)
    file = tmp_path / f"out.{kind}"
    cms("export", file)
    emptied(moderator.application)
    cms("import", file)

    shown = [*pages(client, commenting.url_of(post)), *pages(moderator, QUEUE)]
    assert len(shown) == 2 * len(texts)
    assert [wrong for one in shown for wrong in violations(one["body"]["html"])] == []
    assert not any(set("<>") & set(one["author"]["name"]) for one in shown)
    feed = client.get("/api/v1/comments.json?limit=100").json["items"]
    assert [wrong for one in feed for wrong in violations(one["content_html"])] == []
    assert b"<script" not in client.get("/api/v1/comments.atom?limit=100").data


def pages(client, url):
    found = client.get(f"{url}?limit=100").json
    yield from found["data"]
    while found["links"]["next"]:
        found = client.get(found["links"]["next"]).json
        yield from found["data"]
