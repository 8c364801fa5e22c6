"""Another's new password, hashed before anything is locked: hashing is slow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cms.actor import Actor
from cms.permissions import Action, require
from cms.services import passwords


@dataclass(frozen=True)
class NewPassword:
    """An acceptable password, and its hash. The words stay for what depends on the address."""

    words: str = field(repr=False)
    hashed: str = field(repr=False)


def prepare(actor: Actor, password: str) -> NewPassword:
    """Hash a password, outside any transaction. Raises Forbidden, Invalid (`weak_password`)."""
    require(actor, Action.USER_MANAGE)
    passwords.check_acceptable(password, "/password")
    return NewPassword(password, passwords.hash_password(password))


def prepared(actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    """A user's values with the password hashed, if there is one among them."""
    ready = dict(values)
    if "password" in ready:
        ready["password"] = prepare(actor, ready["password"])
    return ready


def hash_for(email: str, actor: Actor, password: str | NewPassword) -> str:
    """The hash for who has this address. Raises Invalid when the password is the address."""
    ready = password if isinstance(password, NewPassword) else prepare(actor, password)
    passwords.check_acceptable(ready.words, "/password", email=email)
    return ready.hashed
