"""The lines that the welcome prints say to a shell what they say to people."""

import subprocess

import pytest

from cms.cli import welcome
from cms.database import transaction
from cms.extensions import db
from cms.models import Role, User

STRANGE = ["o'brien@example.org", "a&b@example.org", "`id>x`@example.org"]


def test_where_nothing_waits_nothing_is_sent(app, monkeypatch):
    monkeypatch.setattr(welcome, "fetch", lambda: "echo")
    with app.app_context():
        line = welcome.approve_newest("http://127.0.0.1/comments", "cms")

    done = subprocess.run(["bash", "-c", f"cms() {{ return 1; }}\n{line}"], capture_output=True)

    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize("email", STRANGE)
def test_an_address_is_one_word_whatever_is_in_it(app, tmp_path, monkeypatch, email):
    monkeypatch.setattr(welcome, "fetch", lambda: "echo")
    with app.app_context():
        with transaction():
            db.session.add(User(email=email, name="A", role=Role.ADMIN, password_hash="!"))
        line = welcome.approve_newest("http://127.0.0.1/$HOME", "cms")

    # Stands for the command line: it answers the words that it is given.
    script = f"""cms() {{ printf '<%s>' "$@"; }}\n{line}"""
    command = ["bash", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert f"Bearer <token><add><{email}><--scope>" in done.stdout
    assert "http://127.0.0.1/$HOME/<comment><newest>" in done.stdout
    assert list(tmp_path.iterdir()) == []
