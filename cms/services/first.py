"""The first administrator, without whom nobody can be let in."""

import secrets

from sqlalchemy import exists, select

from cms.actor import OPERATOR
from cms.extensions import db
from cms.models import Role, User
from cms.services import users
from cms.services.new_passwords import NewPassword

ADMIN = "admin@example.org"


def has_admin() -> bool:
    """Whether somebody is an administrator, suspended or not."""
    return bool(db.session.scalar(select(exists().where(User.role == Role.ADMIN))))


def new_password() -> str:
    return secrets.token_urlsafe(15)


def add_admin(password: NewPassword) -> User:
    """Add the first administrator. Raises IntegrityError where the address is in use."""
    return users.add(
        OPERATOR, email=ADMIN, name="Administrator", role=Role.ADMIN, password=password
    )


def admin_email() -> str:
    """Whom to sign in as: the first administrator, unless somebody else is one instead."""
    query = select(User.email).where(User.role == Role.ADMIN, User.suspended.is_(False))
    order = [User.email != ADMIN, User.created_at]
    return db.session.scalar(query.order_by(*order).limit(1)) or ADMIN
