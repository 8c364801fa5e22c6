"""API tokens: shown once, kept as a digest, worth the role's rights within their scopes."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson
from sqlalchemy import String, bindparam, delete, or_, select
from sqlalchemy.orm import joinedload

from cms.actor import Actor
from cms.errors import Forbidden, Invalid, NotFound, Unauthenticated
from cms.extensions import db
from cms.models import ApiToken, Role, Scope, Session, User
from cms.models.base import UtcDateTime
from cms.permissions import Action, allows, in_scope, require, scopes_of
from cms.services import audit, clock, keyset, token_uses
from cms.services.cursors import Page
from cms.services.storable import checked_name

PREFIX = "cms_"
SHOWN = 12
# Everyone's tokens, where an admin may name one person.
EVERYONE = "*"

_ACTOR = (
    select(
        *(ApiToken.id, ApiToken.scopes, ApiToken.last_used_at),
        *(User.id, User.role, User.name, User.email),
    )
    .join(User, User.id == ApiToken.user_id)
    .where(
        ApiToken.digest == bindparam("digest", type_=String()),
        or_(
            ApiToken.expires_at.is_(None),
            ApiToken.expires_at > bindparam("now", type_=UtcDateTime()),
        ),
        User.suspended.is_(False),
    )
)


def actor(secret: str) -> Actor | None:
    """Who a token acts for; None for one that is unknown, expired, or of a suspended user."""
    row = clock.row_at_present(_ACTOR, {"digest": digest(secret)})
    if row is None:
        return None
    token_id, scopes, last_used, user_id, role, name, email = row
    token_uses.note(token_id, last_used)
    # PostgreSQL's driver reads JSON by itself.
    names = orjson.loads(scopes) if isinstance(scopes, str) else scopes
    return Actor(
        user_id=user_id,
        role=Role(role),
        name=name,
        email=email,
        via=f"token:{token_id}",
        scopes=frozenset(Scope(one) for one in names),
    )


def add(
    actor: Actor,
    *,
    user_id: str,
    name: str,
    scopes: Iterable[Scope],
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which can not be read again.

    One that is made by a token ends with that at the latest, and is revoked with it.

    Raises Forbidden (another's token, or `scope_too_wide`), Invalid (no name, an unknown or
    suspended user, an expiry that has passed or comes too late), Unauthenticated (the actor's
    own proof has just ended).
    """
    require(actor, _action(actor, user_id))
    wanted, named = _within(actor, scopes), checked_name(name)
    # Locked, so that a change of password which ends all tokens does not miss this one.
    user = _owner(user_id)
    maker = _checked_proof(actor)
    latest = maker.expires_at if maker else None
    now, expires_at = clock.now(), expires_at or latest
    _check_expiry(expires_at, now, latest)
    kept = {"name": named, "scopes": wanted, "expires_at": expires_at}
    token, secret = _new(user, now, made_by_id=maker.id if maker else None, **kept)
    audit.record(actor, "token.created", token.id, now)
    return token, secret


def find(
    actor: Actor,
    *,
    user_id: str | None = None,
    limit: int = 20,
    cursor: str | None = None,
    total: bool = False,
) -> Page:
    """The actor's own tokens, newest first, with their users.

    An admin may name another's id, or `EVERYONE`.
    """
    whose = user_id or actor.user_id or EVERYONE
    require(actor, _action(actor, whose))
    query = select(ApiToken).options(joinedload(ApiToken.user))
    if whose != EVERYONE:
        query = query.where(ApiToken.user_id == whose)
    return keyset.page(
        query,
        (ApiToken.created_at, ApiToken.id),
        belongs_to=f"tokens:{whose}",
        descending=True,
        limit=limit,
        cursor=cursor,
        total=total,
    )


def revoke(actor: Actor, token_id: str) -> None:
    """End a token, and all that it made, in every process.

    Raises NotFound, also for another's token.
    """
    token = db.session.get(ApiToken, token_id)
    mine = token is not None and token.user_id == actor.user_id
    if token is None or not (mine or allows(actor, Action.TOKEN_MANAGE)):
        raise NotFound("There is no such token.", reason="not_found")
    require(actor, _action(actor, token.user_id))
    now = clock.now()
    for one in [token_id, *_made_by(token_id)]:
        audit.record(actor, "token.revoked", one, now)
    # The database takes what it made along.
    db.session.execute(delete(ApiToken).where(ApiToken.id == token_id))


def idle_scopes(token: ApiToken) -> list[str]:
    """Those of its scopes that its owner's role has no use for."""
    useful = scopes_of(token.user.role)
    return [one for one in token.scopes if Scope(one) not in useful]


def end_all(user_id: str) -> None:
    """End every token of a user, and what those made for others."""
    db.session.execute(delete(ApiToken).where(ApiToken.user_id == user_id))


def digest(secret: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()


def _action(actor: Actor, user_id: str) -> Action:
    return Action.TOKEN_OWN if user_id == actor.user_id else Action.TOKEN_MANAGE


def _owner(user_id: str) -> User:
    user = db.session.get(User, user_id, with_for_update=True)
    if user is None:
        raise Invalid("/user_id", "There is no such user.", reason="unknown_id")
    if user.suspended:
        # It would be refused wherever it is sent, and be good when nobody thinks of it any more.
        detail = "This user is suspended: let them in again first."
        raise Invalid("/user_id", detail, reason="user_suspended")
    return user


def _made_by(token_id: str) -> Sequence[str]:
    """The ids of all tokens that a token made, itself or through others."""
    made = select(ApiToken.id).where(ApiToken.made_by_id == token_id).cte(recursive=True)
    further = select(ApiToken.id).join(made, ApiToken.made_by_id == made.c.id)
    return db.session.scalars(select(made.union_all(further).c.id)).all()


def _within(actor: Actor, scopes: Iterable[Scope]) -> list[str]:
    """The scopes in their one order. Raises Forbidden for one beyond the actor's own proof."""
    wanted = set(scopes)
    if not all(in_scope(actor, scope) for scope in wanted):
        raise Forbidden("A token can not reach further than yours.", reason="scope_too_wide")
    return [scope.value for scope in Scope if scope in wanted]


def _checked_proof(actor: Actor) -> ApiToken | None:
    """The token that proves the actor, if one does.

    Refuses a request that was signed in when it began and is not any more.
    """
    kind, _, proof_id = actor.via.partition(":")
    model = {"session": Session, "token": ApiToken}.get(kind)
    if model is None:
        return None
    # Kept until the commit, so that one that is revoked meanwhile takes along what it makes.
    proof = db.session.get(model, proof_id, with_for_update={"read": True, "key_share": True})
    if proof is None:
        raise Unauthenticated("Sign in again.", reason="not_signed_in")
    # A session ends by itself; what it makes is meant to last.
    return proof if isinstance(proof, ApiToken) else None


def _check_expiry(expires_at: datetime | None, now: datetime, latest: datetime | None) -> None:
    if expires_at is not None and expires_at <= now:
        raise Invalid("/expires_at", "This time has passed.")
    if latest is not None and expires_at is not None and expires_at > latest:
        raise Invalid("/expires_at", "A token that is made by yours can not last longer.")


def _new(user: User, now: datetime, **fields: object) -> tuple[ApiToken, str]:
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        user=user, prefix=secret[:SHOWN], digest=digest(secret), created_at=now, **fields
    )
    db.session.add(token)
    db.session.flush()
    return token, secret
