"""People who may sign in, for admins."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select

from cms.actor import Actor
from cms.errors import Conflict, NotFound
from cms.extensions import db
from cms.models import Role, User
from cms.permissions import Action, require
from cms.services import (
    audit,
    clock,
    emails,
    keyset,
    mail_links,
    outbox,
    previewing,
    sessions,
    tokens,
)
from cms.services.cursors import Page, scope
from cms.services.new_passwords import NewPassword, hash_for
from cms.services.storable import checked_name

SORTS = {"email": User.email, "created_at": User.created_at, "updated_at": User.updated_at}
# A session is proof of what its owner was when it began.
ENDS_SESSIONS = {"role", "suspended", "password_hash"}
ENDS_LINKS = ENDS_SESSIONS | {"email"}
# Who may not look any more shows nobody else, either.
ENDS_PREVIEWS = {"role", "suspended"}
IS_ACTIVE_ADMIN = and_(User.role == Role.ADMIN, User.suspended.is_(False))


def find(
    actor: Actor,
    *,
    role: Role | None = None,
    suspended: bool | None = None,
    q: str | None = None,
    sort: str = "email",
    limit: int = 20,
    cursor: str | None = None,
    total: bool = False,
) -> Page:
    """A page of users; `q` is a part of the email or the name."""
    require(actor, Action.USER_MANAGE)
    filters = {"role": role, "suspended": suspended, "q": q}
    return keyset.page(
        select(User).where(*_conditions(**filters)),
        (SORTS[sort.lstrip("-")], User.id),
        belongs_to=scope("users", filters | {"sort": sort}),
        descending=sort.startswith("-"),
        limit=limit,
        cursor=cursor,
        total=total,
    )


def get(actor: Actor, user_id: str) -> User:
    require(actor, Action.USER_MANAGE)
    return _found(db.session.get(User, user_id))


def by_email(actor: Actor, email: str) -> User:
    require(actor, Action.USER_MANAGE)
    return _found(db.session.scalar(select(User).where(User.email == emails.folded(email))))


def is_known(actor: Actor, email: str) -> bool:
    """Whether somebody has this address. Raises Invalid for what is none."""
    require(actor, Action.USER_MANAGE)
    address = emails.checked(email, "/email")
    return db.session.scalar(select(User.id).where(User.email == address)) is not None


def me(actor: Actor) -> User:
    """The person whom the actor is."""
    return _found(db.session.get(User, actor.user_id))


def add(actor: Actor, *, email: str, name: str, role: Role, password: str | NewPassword) -> User:
    """Raises Invalid (address, name, `weak_password`), IntegrityError for an address in use."""
    require(actor, Action.USER_MANAGE)
    address = emails.checked(email, "/email")
    hashed = hash_for(address, actor, password)
    now = clock.now()
    user = User(email=address, name=checked_name(name), role=role, password_hash=hashed)
    user.created_at = user.updated_at = now
    db.session.add(user)
    db.session.flush()
    _announce(actor, "created", user.id, now)
    return user


def edit(actor: Actor, user_id: str, version: int | None, changes: Mapping[str, Any]) -> User:
    """Change `email`, `name`, `role`, `suspended` or `password`.

    Suspension, another role and another password end the user's sessions at once. Another
    password ends the user's tokens too; those of a suspended user count for nothing.
    Raises Conflict (`last_admin`), StaleVersion, Invalid.
    """
    require(actor, Action.USER_MANAGE)
    user = _lock(user_id)
    user.expect(version)
    wanted = _settled(actor, user, changes)
    if wanted:
        _check_an_admin_stays(user, wanted)
        apply(actor, user, wanted)
    return user


def set_password(actor: Actor, user_id: str, password: str | NewPassword) -> User:
    """Set another's password. It ends all sessions and tokens of that user."""
    return edit(actor, user_id, None, {"password": password})


def suspend(actor: Actor, user_id: str, *, suspended: bool = True) -> User:
    """Keep a user out at once, or (with `suspended=False`) let them in again."""
    return edit(actor, user_id, None, {"suspended": suspended})


def remove(actor: Actor, user_id: str, version: int | None) -> None:
    """Delete a user with all sessions and tokens; what they wrote stays.

    Raises Conflict (`last_admin`), StaleVersion.
    """
    require(actor, Action.USER_MANAGE)
    user = _lock(user_id)
    user.expect(version)
    _check_an_admin_stays(user, {"suspended": True})
    previewing.end_all(user_id, clock.now())
    db.session.execute(delete(User).where(User.id == user_id))
    _announce(actor, "deleted", user_id, clock.now())


def apply(actor: Actor, user: User, changes: Mapping[str, Any]) -> None:
    """Change columns of a user who is locked, end what is no proof any more, and record it."""
    now = clock.now()
    for name, value in changes.items():
        setattr(user, name, value)
    user.changed(now)
    db.session.flush()
    if ENDS_SESSIONS & changes.keys():
        sessions.end_all(user.id)
    if "password_hash" in changes:
        tokens.end_all(user.id)
    if ENDS_LINKS & changes.keys():
        mail_links.end_all(user.id, now)
    if ENDS_PREVIEWS & changes.keys():
        previewing.end_all(user.id, now)
    _announce(actor, "saved", user.id, now, changes)


def _conditions(role: Role | None, suspended: bool | None, q: str | None) -> list[Any]:
    found = []
    if role is not None:
        found.append(User.role == role)
    if suspended is not None:
        found.append(User.suspended.is_(suspended))
    if q:
        in_email = User.email.contains(q.lower(), autoescape=True)
        found.append(or_(in_email, User.name.icontains(q, autoescape=True)))
    return found


def _found(user: User | None) -> User:
    if user is None:
        raise NotFound("There is no such user.", reason="not_found")
    return user


def _lock(user_id: str | None) -> User:
    """Load a user for a change, together with all admins.

    All of them, always in one order: two admins who remove each other then wait for each other,
    and the second one sees that the first is gone.
    """
    query = select(User).where(or_(User.id == user_id, IS_ACTIVE_ADMIN)).order_by(User.id)
    # The weaker lock: an admin's own writing, which only refers to the row, goes on meanwhile.
    locked = db.session.scalars(
        query.with_for_update(key_share=True), execution_options={"populate_existing": True}
    )
    return _found(next((user for user in locked.all() if user.id == user_id), None))


def _check_an_admin_stays(user: User, changes: Mapping[str, Any]) -> None:
    """Raises Conflict. The rows are locked, so the count holds until the commit."""
    leaves = changes.get("suspended", False) or changes.get("role", Role.ADMIN) is not Role.ADMIN
    if not leaves or user.suspended or user.role is not Role.ADMIN:
        return
    others = select(User.id).where(IS_ACTIVE_ADMIN, User.id != user.id).limit(1)
    if db.session.scalar(others) is None:
        raise Conflict("The last active admin has to stay.", reason="last_admin")


def _settled(actor: Actor, user: User, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that really change, with their new values."""
    wanted = dict(changes)
    if "email" in wanted:
        wanted["email"] = emails.checked(wanted["email"], "/email")
    if "name" in wanted:
        wanted["name"] = checked_name(wanted["name"])
    if "password" in wanted:
        email = wanted.get("email", user.email)
        wanted["password_hash"] = hash_for(email, actor, wanted.pop("password"))
    return {name: value for name, value in wanted.items() if getattr(user, name) != value}


def _announce(
    actor: Actor, verb: str, user_id: str, now: datetime, fields: Iterable[str] = ()
) -> None:
    names = [name.removesuffix("_hash") for name in fields]
    audit.record(actor, f"user.{verb}", user_id, now, names)
    outbox.record(f"user.{verb}", now, id=user_id)
