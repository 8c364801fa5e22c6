"""Rows by plain driver statements are what the session would have written."""

from threading import Timer

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from cms import writing
from cms.database import rehearsal, transaction
from cms.extensions import db
from cms.models import AuditEvent, Generation, OutboxEvent
from cms.models.base import new_id
from cms.services import generation
from cms.times import utc_now

LINE = insert(AuditEvent.__table__)
EVENT = insert(OutboxEvent.__table__)


def line(**values):
    known = {"at": utc_now(), "actor_id": None, "via": "reader", "action": "x.y"}
    return known | {"object_id": new_id(), "fields": ["a"]} | values


@pytest.mark.parametrize("number", [1, 3])
def test_rows_are_kept_with_their_types_and_what_is_made_for_them(app, number):
    lines = [line(action=f"x.{n}") for n in range(number)]
    with app.app_context(), transaction():
        writing.run(LINE, *lines)

    with app.app_context():
        found = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [one.action for one in found] == [one["action"] for one in lines]
    assert found[0].at == lines[0]["at"].replace(microsecond=found[0].at.microsecond)
    assert (found[0].fields, found[0].actor_id, len(found[0].id)) == (["a"], None, 36)


def test_they_go_with_a_transaction_that_is_undone(app):
    with app.app_context():
        with rehearsal():
            writing.run(EVENT, {"type": "x.y", "payload": {}, "created_at": utc_now()})

        assert db.session.scalars(select(OutboxEvent)).all() == []


def test_a_broken_constraint_is_told_as_the_session_tells_it(app):
    twice = [line(id=new_id())] * 2
    with app.app_context(), pytest.raises(IntegrityError), transaction():
        writing.run(LINE, *twice)


def test_what_a_statement_returns_is_answered(app):
    with app.app_context(), transaction():
        before = db.session.scalar(select(Generation.value))

        assert [tuple(row) for row in writing.run(generation.STEP)] == [(before + 1,)]


@pytest.mark.only_on("sqlite")
def test_who_waits_for_another_writer_goes_on_when_that_ends(app):
    with app.app_context():
        db.session.rollback()
        other = db.engine.raw_connection()
        other.driver_connection.execute("BEGIN IMMEDIATE")
        try:
            waits = _released_after(other.driver_connection, 0.05)
            with transaction():
                writing.run(LINE, line())
            waits.join()
        finally:
            other.close()

        assert len(db.session.scalars(select(AuditEvent)).all()) == 1


def _released_after(connection, seconds):
    timer = Timer(seconds, connection.rollback)
    timer.start()
    return timer
