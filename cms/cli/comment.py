"""`cms comment`: what moderating from a shell needs."""

import click

from cms.actor import OPERATOR
from cms.cli.opening import in_app
from cms.services import comments


@click.group()
def comment() -> None:
    """Look at comments."""


@comment.command()
@in_app
def newest() -> None:
    """Print the id of the newest comment that waits for a moderator."""
    click.echo(comments.newest_pending(OPERATOR))
