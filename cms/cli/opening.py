"""Open the application for a command: late, so that `--help` and `init` need none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from flask import Flask, has_app_context

from cms import create_app
from cms.config import Config, ConfigError
from cms.extensions import db
from cms.migrations.head import HEAD
from cms.reading import reader
from cms.services import migrating


@contextmanager
def any_schema(config: Config | None = None) -> Iterator[Flask]:
    """The application over a database that may be empty or old. Leaves no connection open."""
    app = create_app(config)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
            reader().close()


@contextmanager
def opened(config: Config | None = None) -> Iterator[Flask]:
    """The application over a database at the present schema.

    Raises ConfigError where `cms init` or `cms db upgrade` has to run first.
    """
    with any_schema(config) as app:
        refuse_other_schema()
        yield app


def in_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command's function inside the application; inside the one that is open, if one is."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            return command(*args, **kwargs)
        with opened():
            return command(*args, **kwargs)

    return run


def refuse_other_schema() -> None:
    present = migrating.revision_of(db.engine)
    if present is None:
        raise ConfigError("This site has no database yet. Run `cms init` first.")
    if present != HEAD:
        raise ConfigError(
            f"The database is at {present}, and this program needs {HEAD}. Run `cms db upgrade`."
        )
