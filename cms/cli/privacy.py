"""`cms privacy`: what is kept about one reader's address."""

import click
import orjson

from cms.actor import OPERATOR
from cms.cli.opening import in_app
from cms.database import transaction
from cms.services import privacy as service


@click.group()
def privacy() -> None:
    """Show or erase what is kept about a reader's address."""


@privacy.command()
@click.argument("email")
@in_app
def export(email: str) -> None:
    """Print everything about an address as JSON."""
    with transaction():
        found = service.export(OPERATOR, email)
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))


@privacy.command()
@click.argument("email")
@in_app
def erase(email: str) -> None:
    """Erase everything about an address, and write the file anew without it."""
    with transaction():
        done = service.erase(OPERATOR, email)
    service.compact()
    click.echo(f"{done['removed']} comments removed, {done['placeholders']} emptied.")
