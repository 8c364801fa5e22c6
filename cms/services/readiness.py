"""What must work before a process can answer: each named."""

import os
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from cms.config import Config
from cms.extensions import db
from cms.migrations.head import HEAD
from cms.services import clock, heartbeat, migrating
from cms.times import format_time


def database(_config: Config) -> str:
    db.session.execute(text("SELECT 1"))
    return "ok"


def migrations(_config: Config) -> str:
    present = migrating.revision_of(db.engine)
    return "ok" if present == HEAD else f"at {present}, needs {HEAD}"


def storage(config: Config) -> str:
    return "ok" if os.access(config.data_dir, os.W_OK) else "the data folder can not be written"


CHECKS: dict[str, Callable[[Config], str]] = {
    "database": database,
    "migrations": migrations,
    "storage": storage,
}


def worker(_config: Config) -> str:
    """Time-driven work waits while there is no worker; readers do not."""
    last = heartbeat.last()
    if last is None:
        return "no worker has run yet"
    silent = clock.now() - last > heartbeat.SILENT
    return f"no worker has run since {format_time(last)}" if silent else "ok"


# What is told, and keeps no process from answering.
WARNINGS: dict[str, Callable[[Config], str]] = {"worker": worker}


def warnings(config: Config) -> dict[str, str]:
    """What is not as it should be, by name."""
    found = {name: _state(one, config) for name, one in WARNINGS.items()}
    return {name: state for name, state in found.items() if state != "ok"}


def check(config: Config) -> dict[str, str]:
    """The state of each part by name: `ok`, or what is wrong with it."""
    return {name: _state(one, config) for name, one in CHECKS.items()}


def _state(one: Callable[[Config], str], config: Config) -> str:
    try:
        return one(config)
    except (SQLAlchemyError, OSError):
        return "unreachable"
