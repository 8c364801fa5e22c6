"""`cms db`: bring the database to the schema that this program needs."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click

from cms.actor import OPERATOR
from cms.cli.opening import any_schema
from cms.config import Config
from cms.database import transaction
from cms.extensions import db as database
from cms.migrations.head import HEAD
from cms.services import migrating, rebuilding, search, search_newest, terms
from cms.times import utc_now


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Run the migrations that this database has not seen.

    A SQLite file is copied to `backups/` in the data folder first. On PostgreSQL the backup is
    yours. Bodies that an older program rendered are rendered again.
    """
    config = Config.from_env()
    with any_schema(config):
        before = migrating.revision_of(database.engine)
        rebuilt = bring_up_to_date(config)
        if before == HEAD and not rebuilt.done:
            click.echo(f"The database is up to date ({HEAD}).")
    rebuilt.end()


@dataclass(frozen=True)
class Rebuilt:
    """How many entries were rendered again, and which were left as they were."""

    done: int
    left: list[str]

    def end(self) -> None:
        """End the command with 1 where something was left."""
        if self.left:
            raise SystemExit(1)


def bring_up_to_date(config: Config) -> Rebuilt:
    """Migrate and rebuild what is due. Raises ConfigError for an empty one that is not in UTF-8."""
    present = migrating.revision_of(database.engine)
    if present != HEAD:
        if present is None:
            # A site that is there already is told by `cms check`: it has to move.
            migrating.refuse_other_encoding(database.engine)
        else:
            keep_a_copy(config, present)
        migrating.upgrade(database.engine)
        click.echo(f"Migrated the database from {present or 'nothing'} to {HEAD}.")
    rebuilt = rebuild(rebuilding.outdated_ids())
    # What a program from before published that was not stopped.
    index(search.missing_ids())
    with transaction():
        terms.mend()
    while _kept():
        pass
    return rebuilt


def _kept() -> int:
    """A migration may have emptied the index of the newest texts; a worker would fill it later."""
    with transaction():
        return search_newest.keep()


def keep_a_copy(config: Config, present: str) -> None:
    url = database.engine.url
    if url.get_backend_name() != "sqlite":
        click.echo("This is PostgreSQL: if you want to be able to go back, `pg_dump` it yourself.")
        return
    stamp = utc_now().strftime("%Y%m%dT%H%M%S%f")[:-3]
    copy = copy_of_sqlite(Path(url.database), config.data_dir / "backups", f"{stamp}-{present}")
    click.echo(f"Kept a copy of the database in {copy}.")


def copy_of_sqlite(file: Path, folder: Path, name: str) -> Path:
    """A whole copy, consistent even while others write."""
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"{file.stem}-{name}{file.suffix}"
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o600)
    return copy


def index(ids: list[int]) -> None:
    """Enter these publications into the full-text index, some in each transaction."""
    for start in range(0, len(ids), search.BATCH):
        with transaction():
            search.index(ids[start : start + search.BATCH])
    if ids:
        click.echo(f"Indexed {len(ids)} texts for search.")


def rebuild(entry_ids: list[str]) -> Rebuilt:
    """Render these entries again, a few in each transaction, and name those that can not be."""
    left: list[str] = []
    for start in range(0, len(entry_ids), rebuilding.BATCH):
        batch = entry_ids[start : start + rebuilding.BATCH]
        known = rebuilding.rendered_ahead(batch)
        with transaction():
            left += rebuilding.rebuild(OPERATOR, batch, known)
    done = len(entry_ids) - len(left)
    if done:
        click.echo(f"Rendered {done} entries again.")
    for entry_id in left:
        click.echo(
            f"Left as it was, its body is too long: {rebuilding.name_of(entry_id)}", err=True
        )
    return Rebuilt(done, left)
