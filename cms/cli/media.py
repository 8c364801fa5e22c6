"""Commands for uploaded files: `cms media sweep`."""

import click

from cms.services import media_files


@click.group()
def media() -> None:
    """Uploaded files."""


@media.command()
def sweep() -> None:
    """Remove files that belong to nothing: what a crash left behind, an hour ago or more."""
    click.echo(f"{media_files.sweep()} folders removed.")
