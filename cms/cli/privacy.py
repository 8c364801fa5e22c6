"""`cms privacy`: what is kept about one reader's address."""

from typing import Any

import click
import orjson
from flask import current_app

from cms.actor import OPERATOR
from cms.cli.opening import in_app
from cms.database import transaction
from cms.services import compacting, emails
from cms.services import privacy as service
from cms.services.batches import let_others_write
from cms.services.privacy import Erased


@click.group()
def privacy() -> None:
    """Show or erase what is kept about a reader's address."""


class Address(click.ParamType):
    """An email address, in its one spelling. An unset variable of a shell is none."""

    name = "email"

    def convert(self, value: str, *place: Any) -> str:
        try:
            return emails.spelled(value)
        except ValueError as error:
            self.fail(str(error), *place)


@privacy.command()
@click.argument("email", type=Address())
@in_app
def export(email: str) -> None:
    """Print everything about an address as JSON."""
    with transaction():
        found = service.export(OPERATOR, email)
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))


@privacy.command()
@click.argument("email", type=Address())
@in_app
def erase(email: str) -> None:
    """Erase everything about an address, and leave nothing of it in the database's files.

    Says what is left to your judgement: answers that name the writer, FAQs made from their words,
    backups. Ends with 1 where the files could not be tidied, since others read or write all the
    time; run it again then.
    """
    done = service.begin_erasure(OPERATOR, email)
    while done.has_more:
        with transaction():
            done += service.erase(OPERATOR, email)
        if done.has_more:
            let_others_write()
    click.echo(f"{done.removed} comments removed, {done.placeholders} emptied.")
    for said in filter(None, _left(done)):
        click.echo(said)
    if not compacting.compact():
        click.echo(UNTIDY, err=True)
        raise click.exceptions.Exit(1)


UNTIDY = (
    "The rows are gone, but the database's files still hold what was deleted, because others read"
    " or write all the time. Run this again."
)


def _left(done: Erased) -> list[str]:
    kept = sorted((current_app.config["CMS"].data_dir / "backups").glob("*"))
    return [
        done.named_in and f"Comments of others that seem to name them: {', '.join(done.named_in)}",
        done.faqs and f"FAQs that were made from their words: {', '.join(done.faqs)}",
        done.is_blocked and "The rules of comments still block the address, and so name it.",
        kept and f"{len(kept)} backups of before are in {kept[0].parent}.",
    ]
