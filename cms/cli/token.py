"""API tokens, from the command line."""

import re
from datetime import datetime, timedelta

import click

from cms.actor import OPERATOR
from cms.cli.showing import row
from cms.database import transaction
from cms.models import ApiToken, Scope
from cms.services import clock, tokens, users
from cms.times import format_time

MOST = 100
SPAN = re.compile(r"(\d{1,5})([dh]?)", re.ASCII)
UNITS = {"": "days", "d": "days", "h": "hours"}


class Span(click.ParamType):
    """`30` or `30d`: days. `12h`: hours."""

    name = "span"

    def convert(self, value: object, *_: object) -> timedelta:
        match = SPAN.fullmatch(str(value))
        if match is None or int(match[1]) == 0:
            self.fail(f"{value!r} is not a number of days like 30, or of hours like 12h.")
        return timedelta(**{UNITS[match[2]]: int(match[1])})


@click.group()
def token() -> None:
    """API tokens, which programs sign in with."""


@token.command()
@click.argument("email")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    required=True,
    help="What it may be used for, within the person's role. Repeat it for more.",
)
@click.option("--name", default="command line", help="To tell it from others.")
@click.option(
    "--expires-in", type=Span(), help="Days like 30 or 30d, or hours like 12h. Default: never."
)
def add(email: str, scopes: list[str], name: str, expires_in: timedelta | None) -> None:
    """Make a token for a person. It is printed this once, alone on the last line."""
    owner = users.by_email(OPERATOR, email)
    with transaction():
        made, secret = tokens.add(
            OPERATOR,
            user_id=owner.id,
            name=name,
            scopes=[Scope(scope) for scope in scopes],
            expires_at=None if expires_in is None else clock.now() + expires_in,
        )
        idle = tokens.idle_scopes(made)
    if idle:
        click.echo(f"Of no use to the role {owner.role}: {', '.join(idle)}.", err=True)
    click.echo(secret)


@token.command("list")
@click.argument("email", required=False)
def show(email: str | None) -> None:
    """Show a person's tokens, or everyone's; never the secrets."""
    user_id = users.by_email(OPERATOR, email).id if email else None
    cursor = None
    while True:
        page = tokens.find(OPERATOR, user_id=user_id, limit=MOST, cursor=cursor)
        for one in page.items:
            click.echo(_line(one))
        if (cursor := page.next_cursor) is None:
            return


@token.command()
@click.argument("token_id", metavar="ID")
def revoke(token_id: str) -> None:
    """End a token and all that it made, at once and everywhere. `cms token list` shows the ids."""
    with transaction():
        tokens.revoke(OPERATOR, token_id)
    click.echo(f"Revoked {token_id}.")


def _line(one: ApiToken) -> str:
    scopes = ",".join(one.scopes)
    times = [_end(one.expires_at), _last(one.last_used_at)]
    return row([one.id, one.user.email, f"{one.prefix}…", one.name, scopes, *times])


def _end(expires_at: datetime | None) -> str:
    return "never expires" if expires_at is None else f"expires {format_time(expires_at)}"


def _last(used_at: datetime | None) -> str:
    return "never used" if used_at is None else f"used {format_time(used_at)}"
