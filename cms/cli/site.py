"""Commands for the site as a whole: `init`, `check`, `rebuild`."""

from dataclasses import replace

import click
import orjson

from cms.api.openapi import description
from cms.cli import first
from cms.cli.db import index
from cms.cli.db import rebuild as rebuild_entries
from cms.cli.opening import any_schema, in_app
from cms.config import Config
from cms.services import checkup, rebuilding, search, search_words


@click.command()
def init() -> None:
    """Make the data folder, the database and the first administrator.

    What is there already stays as it is, so this may run again.
    """
    config = Config.from_env()
    first.make_folder(config)
    with any_schema(config):
        first.prepare(config)
    click.echo(f"The data folder {config.data_dir.resolve()} is ready.")


@click.command()
def check() -> None:
    """Look for what is wrong with settings, data folder and database.

    Ends with 1 if anything is; a warning alone is no failure.
    """
    config = Config.from_env()
    with any_schema(config):
        findings = checkup.findings(config)
    for finding in findings:
        click.echo(f"{finding.state:8} {finding.name}{finding.detail and ': '}{finding.detail}")
    if any(finding.state is checkup.State.PROBLEM for finding in findings):
        raise SystemExit(1)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what is of the present pipeline.")
@in_app
def rebuild(everything: bool) -> None:
    """Render stored bodies again, after a fix of what renders them.

    Drafts, and what is or will be public. No revision is made and no time changes.
    """
    ids = rebuilding.every_id() if everything else rebuilding.outdated_ids()
    rebuilt = rebuild_entries(ids)
    index(search.every_id() if everything else search.missing_ids())
    if everything:
        search_words.forget()
    if not ids:
        click.echo("Every body is up to date.")
    rebuilt.end()


@click.command()
def openapi() -> None:
    """Print the API's description (OpenAPI 3.1). It needs no data folder."""
    config = replace(Config.from_env(), secret="signs nothing")  # noqa: S106 - nothing is served
    with any_schema(config):
        click.echo(orjson.dumps(description(), option=orjson.OPT_INDENT_2).decode())
