"""Moderate a comment by a link that was mailed to a moderator."""

from cms.extensions import db
from cms.models import Comment, MailLink, User
from cms.permissions import Action, require
from cms.services import clock, mail_links, moderating
from cms.services.mail_texts import MOVES, actor_of


def look(token: str) -> tuple[MailLink, Comment]:
    """The comment that a link is about, as it is now. Changes nothing.

    Raises NotFound (`link_over`), Forbidden.
    """
    link = mail_links.read(token)
    user, comment = db.session.get(User, link.user_id), db.session.get(Comment, link.comment_id)
    if user is None or user.suspended or comment is None:
        raise mail_links.over()
    require(actor_of(user, f"mail:{link.id}"), Action.COMMENT_MODERATE)
    return link, comment


def use(token: str, verb: str) -> Comment:
    """Move the comment as its moderator says, once; `verb` is one of `MOVES`.

    Raises NotFound (`link_over`), Forbidden, StaleVersion when it is not as the mail showed it,
    Conflict (`comment_transition`).
    """
    link, _ = look(token)
    user = db.session.get(User, link.user_id)
    who = actor_of(user, f"mail:{link.id}")
    # The comment before the link, as whoever deletes one. The link is asked again when it is held.
    moved = moderating.moderate(who, link.comment_id, link.version, {"status": MOVES[verb]})
    mail_links.find(token).ended_at = clock.now()
    return moved
