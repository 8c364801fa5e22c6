"""`cms db`: bring the database to the schema that this program needs."""

import sqlite3
from contextlib import closing
from pathlib import Path

import click

from cms.actor import OPERATOR
from cms.cli.opening import any_schema
from cms.config import Config
from cms.database import transaction
from cms.extensions import db as database
from cms.migrations.head import HEAD
from cms.services import migrating, rebuilding
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
        if not bring_up_to_date(config):
            click.echo(f"The database is up to date ({HEAD}).")


def bring_up_to_date(config: Config) -> bool:
    """Migrate and rebuild what is due; say whether anything was."""
    present = migrating.revision_of(database.engine)
    if present != HEAD:
        if present is not None:
            keep_a_copy(config, present)
        migrating.upgrade(database.engine)
        click.echo(f"Migrated the database from {present or 'nothing'} to {HEAD}.")
    return rebuild(rebuilding.outdated_ids()) > 0 or present != HEAD


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


def rebuild(entry_ids: list[str]) -> int:
    """Render these entries again, a few in each transaction; say how many."""
    for start in range(0, len(entry_ids), rebuilding.BATCH):
        with transaction():
            rebuilding.rebuild(OPERATOR, entry_ids[start : start + rebuilding.BATCH])
    if entry_ids:
        click.echo(f"Rendered {len(entry_ids)} entries again.")
    return len(entry_ids)
