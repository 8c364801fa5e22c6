"""Sessions of signed-in browsers, kept on the server: one ends wherever its row is gone."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, bindparam, delete, select

from cms.actor import Actor
from cms.errors import Unauthenticated
from cms.extensions import db
from cms.models import Role, Session, User
from cms.models.base import UtcDateTime
from cms.reading import reader
from cms.services import audit, clock, emails, passwords, signing
from cms.services.batches import BATCH
from cms.services.tokens import digest

# From signing in to signing in again, however busy the session is.
LIFE = timedelta(days=14)

_ACTOR = (
    select(Session.id, User.id, User.role, User.name, User.email)
    .join(User, User.id == Session.user_id)
    .where(
        Session.digest == bindparam("digest", type_=String()),
        Session.expires_at > bindparam("now", type_=UtcDateTime()),
        User.suspended.is_(False),
    )
)
_PERSON = select(User.id, User.password_hash, User.suspended).where(
    User.email == bindparam("email", type_=String())
)


@dataclass(frozen=True)
class Proof:
    """A right password, and the hash that it was right for."""

    user_id: str
    password_hash: str
    better_hash: str | None


def actor(secret: str) -> Actor | None:
    """Who a cookie acts for; None for one that is unknown, expired, or of a suspended user."""
    row = clock.row_at_present(_ACTOR, {"digest": digest(secret)})
    if row is None:
        return None
    session_id, user_id, role, name, email = row
    return _actor(session_id, user_id, Role(role), name, email)


def prove(email: str, password: str) -> Proof:
    """Check a password, outside any transaction: hashing is slow, and must not hold a lock.

    Raises Unauthenticated (`bad_credentials`), the same for a wrong password, an unknown and a
    suspended user, and after the same time.
    """
    row = reader().row(_PERSON, {"email": emails.folded(email)})
    user_id, hashed, suspended = row or (None, None, False)
    if not passwords.verify(hashed, password) or suspended:
        raise _bad_credentials()
    better = passwords.rehash(password, hashed) if passwords.needs_rehash(hashed) else None
    return Proof(user_id, hashed, better)


def sign_in(proof: Proof, *, replaces: str | None = None) -> tuple[Actor, str]:
    """Start a session, always a new one: who signed in, and the secret for the cookie.

    `replaces` is the secret that the browser had before, which ends. Raises Unauthenticated when
    the user was suspended, or the password changed, since it was proved.
    """
    # Locked, so that a change that ends all sessions does not miss this one.
    user = db.session.get(User, proof.user_id, with_for_update=True)
    if user is None or user.suspended or not _still_holds(proof, user):
        raise _bad_credentials()
    if user.password_hash == proof.password_hash:
        user.password_hash = proof.better_hash or user.password_hash
    now = clock.now()
    _forget(replaces, now)
    secret = secrets.token_urlsafe(32)
    session = Session(user_id=user.id, digest=digest(secret), created_at=now, expires_at=now + LIFE)
    db.session.add(session)
    db.session.flush()
    signed_in = _actor(session.id, user.id, user.role, user.name, user.email)
    audit.record(signed_in, "session.started", session.id, now)
    return signed_in, secret


def sign_out(actor: Actor) -> None:
    """End the actor's session. A token is not one, and stays."""
    kind, _, session_id = actor.via.partition(":")
    if kind == "session":
        db.session.execute(delete(Session).where(Session.id == session_id))
        audit.record(actor, "session.ended", session_id, clock.now())


def end_all(user_id: str) -> None:
    """End every session of a user, in every process."""
    db.session.execute(delete(Session).where(Session.user_id == user_id))


def sweep(now: datetime) -> int:
    """Delete sessions that have expired; answer how many."""
    expired = select(Session.id).where(Session.expires_at <= now).limit(BATCH)
    old = delete(Session).where(Session.id.in_(expired.with_for_update(skip_locked=True)))
    return db.session.execute(old, execution_options={"synchronize_session": False}).rowcount


def _actor(session_id: str, user_id: str, role: Role, name: str, email: str) -> Actor:
    return Actor(
        user_id=user_id,
        role=role,
        name=name,
        email=email,
        via=f"session:{session_id}",
        csrf_token=signing.short_digest("csrf", session_id),
    )


def _still_holds(proof: Proof, user: User) -> bool:
    # Somebody who signed in at the same time may have made the hash anew.
    return passwords.are_of_one_password(proof.password_hash, user.password_hash)


def _forget(secret: str | None, now: datetime) -> None:
    """Delete the session that a new one replaces, and some that have expired."""
    if secret is not None:
        db.session.execute(delete(Session).where(Session.digest == digest(secret)))
    sweep(now)


def _bad_credentials() -> Unauthenticated:
    return Unauthenticated("The email or the password is wrong.", reason="bad_credentials")
