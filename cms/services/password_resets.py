"""A new password for who has forgotten theirs, by a link that is mailed to them.

Asking takes the same steps for an address that nobody has, and the rest is the worker's: neither
the answer nor its time tells who is known.
"""

from sqlalchemy import String, bindparam, select

from cms.actor import Actor
from cms.extensions import db
from cms.models import MailKind, User
from cms.models.base import new_id
from cms.reading import reader
from cms.services import clock, emails, mail_links, mails, passwords, users

_BY_EMAIL = select(User.id).where(User.email == bindparam("email", type_=String()))


def ask(email: str) -> None:
    """Have a link mailed to whoever has this address, if anybody does."""
    row = reader().row(_BY_EMAIL, {"email": emails.folded(email)})
    # For nobody, an id that nobody has: a row without one takes longer on PostgreSQL.
    mails.queue(MailKind.PASSWORD_RESET, row[0] if row else new_id(), clock.now())


def prepare(token: str, password: str) -> str:
    """The hash of an acceptable password, outside any transaction: hashing is slow.

    Raises NotFound (`link_over`), Invalid (`weak_password`).
    """
    _, email = mail_links.whose(token)
    passwords.check_acceptable(password, "/password", email=email)
    return passwords.hash_password(password)


def use(token: str, hashed: str) -> None:
    """Set the password, once. It ends all sessions, tokens and mailed links of the user.

    Raises NotFound (`link_over`; also when the user was suspended or the address has changed).
    """
    user_id, _ = mail_links.whose(token)
    # The user before the link, as everybody who changes a user.
    user = db.session.get(User, user_id, with_for_update=True, populate_existing=True)
    link = mail_links.find(token)
    if user is None or user.suspended:
        raise mail_links.over()
    who = Actor(user.id, user.role, user.name, user.email, via=f"mail:{link.id}")
    users.apply(who, user, {"password_hash": hashed})
