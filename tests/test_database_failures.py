"""A database that is away, busy or not what we think: what the client hears, and what the log."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from cms import create_app, database
from cms.config import Config
from cms.database import transaction
from cms.errors import Unavailable
from cms.extensions import db
from cms.mailing import Mailer
from cms.models import MailKind
from cms.reading import reader
from cms.services import clock, mails
from cms.worker import Worker
from tests import building
from tests.api.refusals import assert_problem

READ, SIGN_IN = "/api/v1/posts", "/api/v1/auth/login"
WHO = {"email": "mia@example.org", "password": building.PASSWORD}


def site_in(folder: Path) -> Flask:
    return create_app(Config(data_dir=folder, secret="x", testing=True))


@pytest.mark.threat("A16")
class TestAway:
    def test_a_read_of_it_is_logged_with_its_cause_and_the_request(self, tmp_path, caplog):
        answer = site_in(tmp_path / "nowhere").test_client().get(READ)

        problem = assert_problem(answer, 503, "database_unavailable")
        assert problem["request_id"] in caplog.text
        assert "unable to open database file" in caplog.text

    def test_a_change_of_it_is_logged_with_its_cause_and_no_personal_data(self, tmp_path, caplog):
        answer = site_in(tmp_path / "nowhere").test_client().post(SIGN_IN, json=WHO)

        problem = assert_problem(answer, 503, "database_unavailable")
        assert problem["request_id"] in caplog.text
        assert "unable to open database file" in caplog.text
        assert "mia@" not in caplog.text

    @pytest.mark.parametrize("ask", [lambda c: c.get(READ), lambda c: c.post(SIGN_IN, json=WHO)])
    def test_a_table_that_is_missing_is_a_mistake_of_ours(self, tmp_path, caplog, ask):
        (tmp_path / "site.db").touch()

        assert_problem(ask(site_in(tmp_path).test_client()), 500, "internal_error")
        assert "no such table" in caplog.text
        assert "mia@" not in caplog.text

    @pytest.mark.only_on("postgresql")
    def test_a_reader_whose_connection_was_ended_opens_another(self, app, client):
        with app.app_context():
            before = reader().row(select(func.pg_backend_pid()), {})[0]
            db.session.execute(select(func.pg_terminate_backend(before, 5000)))

        assert client.get(READ).status_code == 200
        with app.app_context():
            assert reader().row(select(func.pg_backend_pid()), {})[0] != before


class TestReading:
    @pytest.mark.only_on("postgresql")
    def test_a_statement_that_times_out_is_not_run_again(self, app):
        with app.app_context():
            before = reader().row(select(func.pg_backend_pid()), {})
            reader()._local.connection.execute("SET statement_timeout = 50")

            with pytest.raises(Unavailable):
                reader().rows(select(func.pg_sleep(1)), {})

            assert reader().row(select(func.pg_backend_pid()), {}) == before
            reader().close()

    def test_nothing_can_be_written(self, app):
        with app.app_context():
            with pytest.raises(Exception, match=r"read-only|can not be reached"):
                reader().rows(text("CREATE TABLE surplus (id INTEGER)"), {})

            tables = db.inspect(db.engine).get_table_names()
        assert "surplus" not in tables


class TestWriting:
    def test_a_transaction_opens_in_no_other(self, app):
        refused = pytest.raises(RuntimeError, match="open here already")
        with app.app_context(), transaction(), refused, transaction():
            pass

    @pytest.mark.only_on("sqlite")
    def test_a_writer_waits_for_others_only_so_long(self, app, monkeypatch):
        monkeypatch.setattr(database, "WRITER_SECONDS", 0.05)
        client = building.signed_in(app, "editor")
        holding, done = threading.Event(), threading.Event()
        other = threading.Thread(target=hold_writer, args=(app, holding, done))
        other.start()
        holding.wait(10)

        answer = client.post("/api/v1/manage/tags", json={"name": "Heat"})
        done.set()
        other.join()

        assert_problem(answer, 503, "database_unavailable")


def hold_writer(app: Flask, holding: threading.Event, done: threading.Event) -> None:
    with app.app_context(), transaction():
        holding.set()
        done.wait(10)


class TestWorking:
    """What a worker writes to the log: a line for each thing that it could not do."""

    def test_a_step_says_so_in_a_line(self, tmp_path, caplog):
        Worker(site_in(tmp_path / "nowhere")).run_once()

        assert "The step 'schedules' failed. The database is away: OperationalError" in caplog.text
        assert {one.levelname for one in caplog.records} == {"WARNING"}
        assert [one for one in caplog.records if one.exc_info] == []

    @pytest.mark.only_on("sqlite")
    @pytest.mark.thorough
    def test_mail_that_can_not_be_taken_says_so_in_a_line(self, app, monkeypatch, caplog):
        config = replace(
            app.config["CMS"], smtp_url="smtp://127.0.0.1:1", mail_from="a@example.org"
        )
        monkeypatch.setitem(app.config, "CMS", config)
        with app.app_context(), transaction():
            mails.queue(MailKind.PASSWORD_RESET, None, clock.now())
        with held_by_another(app):
            Mailer(app, threading.Event()).run_out()

        (said,) = caplog.records
        assert said.getMessage() == (
            "Mail could not be sent. The database is away: OperationalError: database is locked"
        )
        assert (said.levelname, said.exc_info) == ("WARNING", None)


@contextmanager
def held_by_another(app: Flask) -> Iterator[None]:
    """Another process writes, and this one has little patience."""
    with app.app_context():
        db.engine.dispose()
        db.session.execute(text("PRAGMA busy_timeout = 50"))
        db.session.rollback()
        with closing(sqlite3.connect(db.engine.url.database)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        db.engine.dispose()
