"""What somebody wants to hear of by mail, said by themselves."""

from collections.abc import Mapping
from typing import Any

from cms.actor import Actor
from cms.errors import NotFound
from cms.extensions import db
from cms.models import User
from cms.permissions import Action, require
from cms.services import users


def choose(actor: Actor, wishes: Mapping[str, Any]) -> None:
    """Change the actor's `comment_mail` and `review_mail`. Raises Forbidden."""
    require(actor, Action.TOKEN_OWN)
    user = db.session.get(User, actor.user_id, with_for_update=True)
    if user is None:
        raise NotFound("There is no such user.", reason="not_found")
    changed = {name: value for name, value in wishes.items() if getattr(user, name) != value}
    if changed:
        users.apply(actor, user, changed)
