"""The command line: `cms`. One short file for each group of commands."""

import os
from typing import Any

import click
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
)

from cms.cli import comment, db, media, privacy, seed, serve, site, token, user, worker
from cms.cli.opening import in_app
from cms.config import ConfigError
from cms.database import is_forbidden
from cms.errors import CmsError


class Commands(click.Group):
    """Says what went wrong in one line. Our own mistakes keep their traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except ConfigError as error:
            raise click.ClickException(str(error)) from error
        except CmsError as error:
            raise click.ClickException(described(error)) from error
        except (DatabaseError, InterfaceError) as error:
            ours = isinstance(error, IntegrityError | ProgrammingError)
            if ours and not is_forbidden(error.orig):
                raise
            raise click.ClickException(told_by_database(error)) from error
        except OSError as error:
            place = f": {error.filename}" if error.filename else ""
            raise click.ClickException(f"{error.strerror or error}{place}") from error


def described(error: CmsError) -> str:
    faults = [f"{fault['pointer']}: {fault['detail']}" for fault in error.errors]
    return "\n".join([error.message, *(one for one in faults if error.message not in one)])


def told_by_database(error: DBAPIError) -> str:
    reason = str(error.orig).strip().splitlines()[0]
    if is_forbidden(error.orig):
        needed = "It has to be able to make tables and to use them, as its owner may."
        return f"The database's role lacks a right: {reason}. {needed}"
    return f"The database can not be used: {reason}"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="headless-cms", prog_name="cms")
def cli() -> None:
    """A headless CMS: posts, FAQs, related posts and moderated comments as JSON.

    Settings come from the environment. Without any, everything is in the folder var/.
    """
    # What the site keeps is for its own user alone, in whatever folder it lies.
    os.umask(0o077)


for group in (user.user, token.token, media.media):
    # Opened when a command of theirs runs, not for its help.
    for command in group.commands.values():
        command.callback = in_app(command.callback)
for command in (
    site.init,
    serve.run,
    serve.serve,
    seed.seed,
    site.check,
    site.rebuild,
    worker.worker,
):
    cli.add_command(command)
for command in (
    db.db,
    user.user,
    token.token,
    media.media,
    comment.comment,
    privacy.privacy,
    site.openapi,
):
    cli.add_command(command)


def main() -> None:
    cli(prog_name="cms")
