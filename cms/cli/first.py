"""What a site needs before its first start: a folder, a secret, a database, an administrator."""

import click

from cms.actor import OPERATOR
from cms.cli import welcome
from cms.cli.db import bring_up_to_date
from cms.config import Config
from cms.database import transaction
from cms.services import first, new_passwords
from cms.services.first import ADMIN


def make_folder(config: Config) -> None:
    """The data folder, for this user alone, with the site's secret in it."""
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not config.secret:
        config.make_secret()


def prepare(config: Config) -> None:
    """Inside the application: the present schema, and somebody who may sign in."""
    bring_up_to_date(config)
    password = make_admin()
    if password:
        click.echo(f"Administrator: {ADMIN}")
        click.echo(f"Password:      {password}")
        another = f"{welcome.in_site(config)} user password {ADMIN}"
        click.echo(f"It is shown this once. `{another}` sets another.")


def make_admin() -> str | None:
    """Add the first administrator and answer the password; None where there is one."""
    if first.has_admin():
        return None
    password = first.new_password()
    new = new_passwords.prepare(OPERATOR, password)
    with transaction():
        first.add_admin(new)
    return password
