"""People, from the command line. Passwords are read from standard input, never from arguments."""

import sys

import click
from sqlalchemy.exc import IntegrityError

from cms.actor import OPERATOR
from cms.cli.showing import row
from cms.database import transaction
from cms.models import Role, User
from cms.services import new_passwords, users

MOST = 100


@click.group()
def user() -> None:
    """People who may sign in."""


@user.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", help="How the person is called; by default what is before the @.")
def add(email: str, role: str, name: str | None) -> None:
    """Add a person; the password comes from standard input."""
    if users.is_known(OPERATOR, email):
        raise click.ClickException(f"{email} is there already.")
    values = {"email": email, "name": name or email.partition("@")[0], "role": Role(role)}
    password = new_passwords.prepare(OPERATOR, _read_password())
    try:
        with transaction():
            added = users.add(OPERATOR, **values, password=password)
    except IntegrityError:
        raise click.ClickException(f"{email} is there already.") from None
    click.echo(f"Added {added.email} as {added.role}.")


@user.command("list")
def show() -> None:
    """Show everyone: email, role, name, and `suspended` for who may not sign in."""
    cursor = None
    while True:
        page = users.find(OPERATOR, limit=MOST, cursor=cursor)
        for one in page.items:
            click.echo(_line(one))
        if (cursor := page.next_cursor) is None:
            return


@user.command()
@click.argument("email")
def password(email: str) -> None:
    """Set a password, from standard input; it ends all sessions and tokens of that person."""
    found = users.by_email(OPERATOR, email)
    new = new_passwords.prepare(OPERATOR, _read_password())
    with transaction():
        users.set_password(OPERATOR, found.id, new)
    click.echo(f"{found.email} has a new password, and has to sign in again.")


@user.command()
@click.argument("email")
def disable(email: str) -> None:
    """Keep a person out, at once and everywhere."""
    with transaction():
        found = users.suspend(OPERATOR, users.by_email(OPERATOR, email).id)
    click.echo(f"{found.email} is suspended.")


@user.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let a suspended person in again."""
    with transaction():
        found = users.suspend(OPERATOR, users.by_email(OPERATOR, email).id, suspended=False)
    click.echo(f"{found.email} may sign in again.")


def _read_password() -> str:
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True)
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise click.ClickException("Give the password on standard input.")
    return given


def _line(one: User) -> str:
    state = ["suspended"] if one.suspended else []
    return row([one.email, one.role, one.name, *state])
