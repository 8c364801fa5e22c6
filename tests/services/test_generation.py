"""The log of what changed in public."""

from sqlalchemy import select

from cms.database import transaction
from cms.extensions import db
from cms.models import Change
from cms.services import generation


def change(key: str) -> None:
    with transaction():
        generation.touch(key)


def test_the_log_keeps_the_newest_changes(app, monkeypatch):
    monkeypatch.setattr(generation, "KEPT", 2)
    monkeypatch.setattr(generation, "SWEPT_EVERY", 1)
    with app.app_context():
        for number in range(4):
            change(f"post:{number}")

        kept = list(db.session.scalars(select(Change.key).order_by(Change.generation)))

    assert kept == ["post:2", "post:3"]
