"""Applications for the tests: one for each database, migrated, with nothing in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from cms import create_app
from cms.config import Config
from cms.extensions import db
from cms.reading import reader
from cms.services import migrating


def configured(data_dir: Path, database_url: str) -> Config:
    """The settings of a site on this database; no URL means SQLite in the data folder."""
    return Config(
        data_dir=data_dir,
        database_url=database_url,
        secret="a secret for tests",
        public_url="http://api.example.org",
        site_url="https://www.example.org",
        locales=("en", "es"),
        allowed_origins=("https://editor.example.org",),
        testing=True,
    )


@contextmanager
def migrated(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    with app.app_context():
        migrating.upgrade(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()
        reader().close()
