"""What may be wrong with a site: each thing looked at by one function, in the order of the list."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import ColumnElement, func, literal, or_, select, text, union_all
from sqlalchemy.exc import SQLAlchemyError

from cms.config import Config, unknown_names
from cms.extensions import db
from cms.models import (
    Comment,
    CommentStatus,
    Publication,
    PublicationCount,
    PublicationTerm,
    Thread,
)
from cms.models.publication import EVERY_ROW
from cms.services import media_files, readiness, rebuilding
from cms.services.published import not_past


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    name: str
    state: State
    detail: str = ""


Result = tuple[State, str]
FINE: Result = (State.OK, "")


def findings(config: Config) -> list[Finding]:
    """Look at everything, whatever the earlier looks found."""
    return [Finding(name, *_look(look, config)) for name, look in LOOKS.items()]


def _look(look: Callable[[Config], Result], config: Config) -> Result:
    try:
        return look(config)
    except (SQLAlchemyError, OSError) as error:
        db.session.rollback()
        return State.PROBLEM, str(getattr(error, "orig", error)).strip().splitlines()[0]


def settings(_config: Config) -> Result:
    """Those that can not be used end every command before it comes here."""
    unknown = unknown_names()
    return (State.WARNING, " ".join(unknown)) if unknown else FINE


def data_folder(config: Config) -> Result:
    if not os.access(config.data_dir, os.W_OK | os.X_OK):
        return State.PROBLEM, f"{config.data_dir.resolve()} can not be written"
    if _open_to_others(config.data_dir):
        return State.WARNING, f"others may look into {config.data_dir}: `chmod 700` it"
    return State.OK, str(config.data_dir.resolve())


def secret(config: Config) -> Result:
    if config.secret:
        short = len(config.secret) < 32
        return (State.WARNING, "CMS_SECRET is shorter than 32 characters") if short else FINE
    if _open_to_others(config.secret_file):
        return State.PROBLEM, f"others may read {config.secret_file}: `chmod 600` it"
    return FINE


def database(config: Config) -> Result:
    db.session.execute(text("SELECT 1"))
    state = readiness.encoding(config)
    return (State.OK, db.engine.dialect.name) if state == "ok" else (State.PROBLEM, state)


def database_file(_config: Config) -> Result:
    """SQLite's file and what it keeps beside it: everyone's address and words are in them."""
    if db.engine.dialect.name != "sqlite":
        return State.OK, "PostgreSQL keeps its own"
    file = Path(db.engine.url.database)
    beside = [file.with_name(file.name + ending) for ending in ("-wal", "-shm")]
    seen = [one.name for one in (file, *beside) if one.exists() and _open_to_others(one)]
    if seen:
        return State.WARNING, f"others may read {', '.join(seen)} in {file.parent}: `chmod 600`"
    return FINE


def _open_to_others(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def migrations(config: Config) -> Result:
    state = readiness.migrations(config)
    return FINE if state == "ok" else (State.PROBLEM, f"{state}: run `cms db upgrade`")


def integrity(_config: Config) -> Result:
    if db.engine.dialect.name != "sqlite":
        return State.OK, "PostgreSQL looks after it"
    broken = db.session.scalars(text("PRAGMA quick_check(1)")).all()
    loose = db.session.execute(text("PRAGMA foreign_key_check")).first()
    if broken != ["ok"]:
        return State.PROBLEM, f"the file is damaged, go back to a backup: {broken[0]}"
    return (State.PROBLEM, f"a row of {loose[0]} refers to one that is gone") if loose else FINE


def list_counters(_config: Config) -> Result:
    """Counted rows against the totals that lists show."""
    counted = PublicationCount
    totals = select(counted.kind, counted.locale, counted.term, counted.total)
    kept = {tuple(row) for row in db.session.execute(totals.where(counted.total != 0))}
    found = {tuple(row) for row in db.session.execute(_counted())}
    wrong = {row[:3] for row in kept ^ found}
    return (State.PROBLEM, f"{len(wrong)} totals of lists are wrong") if wrong else FINE


def comment_counters(_config: Config) -> Result:
    wrong = db.session.scalar(
        select(func.count()).select_from(Thread).where(or_(*map(_is_miscounted, CommentStatus)))
    )
    return (State.PROBLEM, f"{wrong} threads count their comments wrongly") if wrong else FINE


def _is_miscounted(status: CommentStatus) -> ColumnElement[bool]:
    found = select(func.count()).where(Comment.post_id == Thread.post_id, Comment.status == status)
    return getattr(Thread, status) != found.correlate(Thread).scalar_subquery()


def rendering(_config: Config) -> Result:
    old = len(rebuilding.outdated_ids())
    said = f"Out of date, and mended by `cms rebuild`: {old} of the posts and FAQs"
    return (State.WARNING, said) if old else FINE


def files(_config: Config) -> Result:
    missing, orphans = media_files.missing(), media_files.orphans()
    if missing:
        return State.PROBLEM, f"{len(missing)} uploaded files are gone, {missing[0]} among them"
    return (
        (State.WARNING, f"{len(orphans)} folders belong to nothing: `cms media sweep`")
        if orphans
        else FINE
    )


def rate_limits(config: Config) -> Result:
    return FINE if config.rate_limits else (State.WARNING, "CMS_RATE_LIMITS is off")


def _counted() -> object:
    row, term = Publication, PublicationTerm
    return union_all(
        select(row.kind, row.locale, literal(EVERY_ROW), func.count())
        .where(not_past())
        .group_by(row.kind, row.locale),
        select(term.kind, term.locale, term.term, func.count()).group_by(
            term.kind, term.locale, term.term
        ),
    )


LOOKS: dict[str, Callable[[Config], Result]] = {
    "settings": settings,
    "data folder": data_folder,
    "secret": secret,
    "database": database,
    "database file": database_file,
    "migrations": migrations,
    "integrity": integrity,
    "totals of lists": list_counters,
    "totals of comments": comment_counters,
    "files": files,
    "rendering": rendering,
    "rate limits": rate_limits,
}
