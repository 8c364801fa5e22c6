"""`cms comment`: what moderating from a shell needs, and comments as files."""

from pathlib import Path

import click

from cms.actor import OPERATOR
from cms.cli.opening import in_app
from cms.database import transaction
from cms.importers import comment_files
from cms.services import archiving, bringing_in, clock, comment_upkeep, comments
from cms.services.batches import let_others_write
from cms.services.bringing_in import Taken

FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
FORMAT = click.option(
    "--format",
    "kind",
    type=click.Choice(comment_files.KINDS),
    help="What the file is; by its name, if it is not said.",
)


@click.group()
def comment() -> None:
    """Look at comments, and move them from site to site."""


@comment.command()
@in_app
def newest() -> None:
    """Print the id of the newest comment that waits for a moderator."""
    click.echo(comments.newest_pending(OPERATOR))


@comment.command()
@in_app
def purge() -> None:
    """Remove spam and trash that is old enough, as a worker does by itself."""
    purged, part = 0, None
    while part != 0:
        with transaction():
            part = comment_upkeep.purge(clock.now())
        purged += part
        if part:
            let_others_write()
    click.echo(f"{purged} comments are gone.")


@comment.command()
@FILE
@FORMAT
@in_app
def export(file: Path, kind: str | None) -> None:
    """Write all comments into a file, with their ids and where they came from.

    Edits that wait for a moderator, and what the checks said, are not in it.
    """
    number, kind = 0, kind or _kind(file)

    def counted():
        nonlocal number
        for number, row in enumerate(archiving.rows(), start=1):  # noqa: B007
            yield row

    with transaction():
        archiving.begin_export(OPERATOR)
    unfinished = file.with_name(file.name + ".part")
    with unfinished.open("w", encoding="utf-8", newline="") as out:
        out.writelines(comment_files.written(counted(), archiving.NAMES, kind))
    # Whoever reads the name finds the whole file, or the one before.
    unfinished.replace(file)
    click.echo(f"Wrote {number} comments.")


@comment.command(name="import")
@FILE
@FORMAT
@in_app
def import_(file: Path, kind: str | None) -> None:
    """Add the comments of a file, with their ids and statuses, unseen by the checks.

    A file with a fault in it is refused whole. A comment that is there stays as it is; one whose
    post or parent is unknown here, or whose words are there already, is left out and named: then
    the command ends with 1.
    """
    taken = Taken()
    for part in bringing_in.parts(OPERATOR, file.read_bytes(), kind or _kind(file)):
        with transaction():
            taken += bringing_in.take(OPERATOR, part)
    for comment_id, why in taken.left:
        click.echo(f"Left out {comment_id}: {why}", err=True)
    click.echo(
        f"{taken.new} comments are new, {taken.there} were there, {len(taken.left)} were left out."
    )
    if taken.left:
        raise click.exceptions.Exit(1)


def _kind(file: Path) -> str:
    kind = comment_files.kind_of(file.name)
    if kind is None:
        raise click.UsageError(f"Say --format {' or '.join(comment_files.KINDS)}.")
    return kind
