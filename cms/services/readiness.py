"""What must work before a process can answer: each named."""

import os
import shutil
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from cms.config import Config
from cms.extensions import db
from cms.migrations.head import HEAD
from cms.reading import reader
from cms.services import clock, heartbeat, migrating, pulse
from cms.times import format_time

# Less is no room for a change, in bytes.
LEAST_FREE = 10_000_000


def database(_config: Config) -> str:
    try:
        # By what waits for a server that stands still no longer than a second.
        pulse.pulse_of(reader()).read()
    except pulse.Silent:
        return "unreachable"
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


def space(config: Config) -> str:
    """What is there can be read from a full disk as well."""
    free = shutil.disk_usage(config.data_dir).free
    return "ok" if free >= LEAST_FREE else f"the data folder's disk has {free} bytes left"


def encoding(_config: Config) -> str:
    """No new site begins with another: some letters can not be saved. What is there can be read."""
    found = migrating.encoding_of(db.engine)
    if found == migrating.ENCODING:
        return "ok"
    return f"encoded in {found}; move it by `pg_dump` to a database in {migrating.ENCODING}"


# What is told, and keeps no process from answering.
WARNINGS: dict[str, Callable[[Config], str]] = {
    "worker": worker,
    "space": space,
    "encoding": encoding,
}


def warnings(config: Config) -> dict[str, str]:
    """What is not as it should be, by name."""
    found = {name: _state(one, config) for name, one in WARNINGS.items()}
    return {name: state for name, state in found.items() if state != "ok"}


def check(config: Config) -> dict[str, str]:
    """The state of each part by name: `ok`, or what is wrong with it.

    Of a database that does not answer nothing further is asked.
    """
    found = {}
    for name, one in CHECKS.items():
        skipped = name == "migrations" and found["database"] != "ok"
        found[name] = "unreachable" if skipped else _state(one, config)
    return found


def _state(one: Callable[[Config], str], config: Config) -> str:
    try:
        return one(config)
    except (SQLAlchemyError, OSError):
        return "unreachable"
