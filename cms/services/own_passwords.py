"""A person's own password, changed by who knows the present one."""

from dataclasses import dataclass, field

from sqlalchemy import String, bindparam, select

from cms.actor import Actor
from cms.errors import Invalid, NotFound
from cms.extensions import db
from cms.models import User
from cms.permissions import Action, require
from cms.reading import reader
from cms.services import passwords, users

_OWN = select(User.email, User.password_hash).where(User.id == bindparam("id", type_=String()))


@dataclass(frozen=True)
class PasswordChange:
    """The hash that the current password was right for, and the one that comes after it."""

    proved: str = field(repr=False)
    new: str = field(repr=False)


def prove(actor: Actor, current: str, new: str) -> PasswordChange:
    """Check the actor's password and hash another, outside any transaction as all hashing.

    Raises Forbidden, Invalid (`wrong_password`, `weak_password`).
    """
    require(actor, Action.TOKEN_OWN)
    row = reader().row(_OWN, {"id": actor.user_id})
    email, hashed = row or ("", None)
    if not passwords.verify(hashed, current):
        raise _wrong_password()
    passwords.check_acceptable(new, "/new_password", email=email)
    return PasswordChange(hashed, passwords.hash_password(new))


def change(actor: Actor, wanted: PasswordChange) -> None:
    """Change the actor's own password. It ends all their sessions and tokens, this one too.

    Raises Invalid (`wrong_password`) when the password changed since it was proved.
    """
    user = db.session.get(User, actor.user_id, with_for_update=True)
    if user is None:
        raise NotFound("There is no such user.", reason="not_found")
    if not passwords.are_of_one_password(user.password_hash, wanted.proved):
        raise _wrong_password()
    users.apply(actor, user, {"password_hash": wanted.new})


def _wrong_password() -> Invalid:
    detail = "The current password is wrong."
    return Invalid("/current_password", detail, reason="wrong_password")
