"""After a fix of the pipeline, what was stored is rendered again, and nothing else changes."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from cms import content
from cms.actor import OPERATOR
from cms.cli import db as db_command
from cms.cli import site
from cms.content import pipeline
from cms.database import transaction
from cms.extensions import db
from cms.models import AuditEvent, Entry, Generation, OutboxEvent, Publication
from cms.services import rebuilding
from tests import building


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def spoil() -> None:
    """As if an older, faulty pipeline had rendered everything."""
    with transaction():
        db.session.execute(update(Entry).values(pipeline_version=0, body_html="<p>old</p>"))
        rows = db.session.scalars(select(Publication)).all()
        for row in rows:
            row.body = row.body.replace("Right", "old")
            row.details = row.details.replace("Right", "old")
            row.body_markdown = "Right <!-- old -->"
            row.pipeline_version = 0


def rebuild() -> None:
    ids = rebuilding.outdated_ids()
    known = rebuilding.rendered_ahead(ids)
    with transaction():
        assert rebuilding.rebuild(OPERATOR, ids, known) == []


def test_the_public_page_and_the_draft_are_rendered_again(
    context: Flask, editor: FlaskClient
) -> None:
    post = building.published_post(editor, slug="one", body=building.markdown("Right"))
    before = context.test_client().get("/api/v1/posts/one").json
    spoil()

    rebuild()

    assert context.test_client().get("/api/v1/posts/one").json == before
    again = editor.get(f"/api/v1/manage/posts/{post['id']}").json["data"]
    assert again == post
    assert rebuilding.outdated_ids() == []


def test_the_public_markdown_is_written_again(context: Flask, editor: FlaskClient) -> None:
    building.published_post(editor, slug="one", body=building.markdown("Right <!-- old -->"))
    spoil()

    rebuild()

    page = context.test_client().get("/api/v1/posts/one?body=markdown").json["data"]
    assert page["body"]["markdown"] == "Right\n"


def test_an_answer_is_rendered_again(context: Flask, editor: FlaskClient) -> None:
    building.published_faq(editor, slug="one", answer=building.markdown("Right"))
    before = context.test_client().get("/api/v1/faqs/one").json
    spoil()

    rebuild()

    assert context.test_client().get("/api/v1/faqs/one").json == before


def test_the_public_row_is_made_from_its_own_revision(context: Flask, editor: FlaskClient) -> None:
    post = building.published_post(editor, slug="one", body=building.markdown("Right"))
    changes = {"body": building.markdown("Not yet public")}
    editor.patch(f"/api/v1/manage/posts/{post['id']}", json=changes, headers=building.ANY)
    spoil()

    rebuild()

    page = context.test_client().get("/api/v1/posts/one").json["data"]
    assert page["body"]["html"] == "<p>Right</p>"


def test_what_is_past_stays_as_it_was(context: Flask, editor: FlaskClient) -> None:
    post = building.published_post(editor, body=building.markdown("Right"))
    editor.delete(f"/api/v1/manage/posts/{post['id']}/publication", headers=building.ANY)
    spoil()

    rebuild()

    assert "old" in db.session.scalar(select(Publication.body))


def test_nothing_public_is_announced_when_nothing_public_changed(
    context: Flask, editor: FlaskClient
) -> None:
    building.published_post(editor)
    before = db.session.scalar(select(Generation.value))
    with transaction():
        rebuilding.rebuild(OPERATOR, rebuilding.every_id(), {})

    assert db.session.scalar(select(Generation.value)) == before


def test_only_what_came_out_otherwise_is_recorded(context: Flask, editor: FlaskClient) -> None:
    post = building.published_post(editor, body=building.markdown("Right"))
    spoil()
    before = len(records(AuditEvent.action)), len(records(OutboxEvent.type))

    rebuild()
    with transaction():
        rebuilding.rebuild(OPERATOR, rebuilding.every_id(), {})

    assert records(AuditEvent.action)[before[0] :] == ["post.rebuilt"]
    assert records(OutboxEvent.type)[before[1] :] == ["post.rebuilt"]
    assert records(OutboxEvent.payload)[-1]["id"] == records(AuditEvent.object_id)[-1] == post["id"]


def test_what_a_newer_pipeline_renders_alike_is_no_news(
    context: Flask, editor: FlaskClient
) -> None:
    building.published_post(editor, body=building.markdown("Right [there](/posts/one)\n\n## So"))
    with transaction():
        db.session.execute(update(Entry).values(pipeline_version=0))
        db.session.execute(update(Publication).values(pipeline_version=0))
    before = [records(column) for column in (AuditEvent.action, OutboxEvent.type)]

    rebuild()

    assert [records(column) for column in (AuditEvent.action, OutboxEvent.type)] == before
    assert rebuilding.outdated_ids() == []


def test_a_draft_that_came_out_otherwise_is_recorded(context: Flask, editor: FlaskClient) -> None:
    building.post(editor, body=building.markdown("Right"))
    spoil()

    rebuild()

    assert records(AuditEvent.action)[-1] == records(OutboxEvent.type)[-1] == "post.rebuilt"


def records(column) -> list:
    return list(db.session.scalars(select(column).order_by(column.class_.id)))


def test_a_new_version_of_the_pipeline_makes_everything_outdated(
    context: Flask, editor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = building.published_post(editor)
    monkeypatch.setattr(content, "PIPELINE_VERSION", content.PIPELINE_VERSION + 1)

    assert rebuilding.outdated_ids() == [post["id"]]


def test_a_body_that_is_too_long_by_now_stays_and_stops_no_other(
    context: Flask, editor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = building.published_post(editor, body=building.markdown("Right " * 100))
    building.published_post(editor, slug="short", body=building.markdown("Right"))
    spoil()
    monkeypatch.setattr(pipeline, "MAX_SOURCE_BYTES", 100)

    left = db_command.rebuild(rebuilding.outdated_ids())

    assert (left.done, left.left) == (1, [long["id"]])
    assert rebuilding.outdated_ids() == [long["id"]]
    page = context.test_client().get("/api/v1/posts/short").json["data"]
    assert page["body"]["html"] == "<p>Right</p>"


def test_the_command_ends_with_1_and_names_what_it_left(
    app: Flask, editor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.published_post(editor, slug="long", body=building.markdown("Right " * 100))
    monkeypatch.setattr(pipeline, "MAX_SOURCE_BYTES", 100)

    with app.app_context():
        result = CliRunner().invoke(site.rebuild, ["--all"])

    assert (result.exit_code, "too long: post long (" in result.output) == (1, True)


def test_nothing_is_rendered_while_others_wait_to_write(
    context: Flask, editor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.published_post(editor)
    known = rebuilding.rendered_ahead(rebuilding.every_id())
    monkeypatch.setattr(content, "render", None)

    with transaction():
        assert rebuilding.rebuild(OPERATOR, rebuilding.every_id(), known) == []


def test_a_draft_without_a_body_is_of_the_present_pipeline(
    context: Flask, editor: FlaskClient
) -> None:
    editor.post("/api/v1/manage/posts", json={"title": "Heat"})

    assert rebuilding.outdated_ids() == []
