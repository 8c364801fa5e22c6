"""Who may do what: one table, read top to bottom. An action without a row is denied."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

from cms.actor import Actor
from cms.errors import Forbidden
from cms.models import Role, Scope


class Action(StrEnum):
    CONTENT_READ = "content.read"
    ENTRY_CREATE = "entry.create"
    ENTRY_EDIT = "entry.edit"
    ENTRY_PUBLISH = "entry.publish"
    ENTRY_TRASH = "entry.trash"
    ENTRY_REMOVE = "entry.remove"
    PREVIEW_READ = "preview.read"
    PREVIEW_MAKE = "preview.make"
    PREVIEW_END = "preview.end"
    TAXONOMY_EDIT = "taxonomy.edit"
    MEDIA_CREATE = "media.create"
    MEDIA_EDIT = "media.edit"
    MEDIA_EDIT_SHOWN = "media.edit_shown"
    COMMENT_READ = "comment.read"
    COMMENT_READ_CONTACT = "comment.read_contact"
    COMMENT_MODERATE = "comment.moderate"
    COMMENT_RULES = "comment.rules"
    COMMENT_ARCHIVE = "comment.archive"
    AUDIT_READ = "audit.read"
    SETTINGS_EDIT = "settings.edit"
    PRIVACY_MANAGE = "privacy.manage"
    USER_MANAGE = "user.manage"
    WEBHOOK_MANAGE = "webhook.manage"
    TOKEN_OWN = "token.own"  # noqa: S105 - the name of an action
    TOKEN_MANAGE = "token.manage"  # noqa: S105 - the name of an action


# Told by whoever asks, from the site's one clock. A rule that needs it denies without it.
Now = datetime | None
Rule = Callable[[Actor, Any, Now], bool]


def anyone_signed_in(_actor: Actor, _subject: Any, _now: Now) -> bool:
    return True


def is_moderator(actor: Actor, _subject: Any, _now: Now) -> bool:
    return actor.role is Role.MODERATOR


def is_author(actor: Actor, _subject: Any, _now: Now) -> bool:
    return actor.role is Role.AUTHOR


def is_editor(actor: Actor, _subject: Any, _now: Now) -> bool:
    return actor.role is Role.EDITOR


def is_admin(actor: Actor, _subject: Any, _now: Now) -> bool:
    return actor.role is Role.ADMIN


def owns_what_is_not_live(actor: Actor, entry: Any, now: Now) -> bool:
    """An author's own entry, as long as readers can not see it and no schedule will show it."""
    mine = actor.role is Role.AUTHOR and entry.created_by == actor.user_id
    return mine and now is not None and not entry.is_shown_or_waits_at(now)


def made_it(actor: Actor, subject: Any, _now: Now) -> bool:
    """An author's own file or link."""
    return actor.role is Role.AUTHOR and subject.created_by == actor.user_id


# The scope that a token needs, and the rules of which any one is enough.
RULES: dict[Action, tuple[Scope, list[Rule]]] = {
    Action.CONTENT_READ: (Scope.CONTENT_READ, [anyone_signed_in]),
    Action.ENTRY_CREATE: (Scope.CONTENT_WRITE, [is_author, is_editor, is_admin]),
    Action.ENTRY_EDIT: (Scope.CONTENT_WRITE, [owns_what_is_not_live, is_editor, is_admin]),
    Action.ENTRY_PUBLISH: (Scope.CONTENT_PUBLISH, [is_editor, is_admin]),
    Action.ENTRY_TRASH: (Scope.CONTENT_WRITE, [owns_what_is_not_live, is_editor, is_admin]),
    Action.PREVIEW_READ: (Scope.CONTENT_READ, [is_author, is_editor, is_admin]),
    Action.PREVIEW_MAKE: (Scope.CONTENT_WRITE, [is_author, is_editor, is_admin]),
    Action.PREVIEW_END: (Scope.CONTENT_WRITE, [made_it, is_editor, is_admin]),
    Action.ENTRY_REMOVE: (Scope.CONTENT_PUBLISH, [is_admin]),
    Action.TAXONOMY_EDIT: (Scope.CONTENT_WRITE, [is_editor, is_admin]),
    Action.MEDIA_CREATE: (Scope.MEDIA_WRITE, [is_author, is_editor, is_admin]),
    Action.MEDIA_EDIT: (Scope.MEDIA_WRITE, [made_it, is_editor, is_admin]),
    Action.MEDIA_EDIT_SHOWN: (Scope.MEDIA_WRITE, [is_editor, is_admin]),
    Action.COMMENT_READ: (Scope.COMMENTS_MODERATE, [anyone_signed_in]),
    Action.COMMENT_READ_CONTACT: (Scope.COMMENTS_MODERATE, [is_moderator, is_editor, is_admin]),
    Action.COMMENT_MODERATE: (Scope.COMMENTS_MODERATE, [is_moderator, is_editor, is_admin]),
    Action.COMMENT_RULES: (Scope.COMMENTS_MODERATE, [is_editor, is_admin]),
    Action.COMMENT_ARCHIVE: (Scope.COMMENTS_MODERATE, [is_admin]),
    Action.AUDIT_READ: (Scope.ADMIN, [is_admin]),
    Action.SETTINGS_EDIT: (Scope.ADMIN, [is_admin]),
    Action.PRIVACY_MANAGE: (Scope.ADMIN, [is_admin]),
    Action.USER_MANAGE: (Scope.ADMIN, [is_admin]),
    Action.WEBHOOK_MANAGE: (Scope.ADMIN, [is_admin]),
    Action.TOKEN_OWN: (Scope.ADMIN, [anyone_signed_in]),
    Action.TOKEN_MANAGE: (Scope.ADMIN, [is_admin]),
}


# Whom a rule can let pass, whatever it is about.
ROLES: dict[Rule, set[Role]] = {
    anyone_signed_in: set(Role),
    is_moderator: {Role.MODERATOR},
    is_author: {Role.AUTHOR},
    is_editor: {Role.EDITOR},
    is_admin: {Role.ADMIN},
    owns_what_is_not_live: {Role.AUTHOR},
    made_it: {Role.AUTHOR},
}


def scopes_of(role: Role) -> set[Scope]:
    """The scopes that a role has some use for; those beyond let a token do nothing more."""
    return {scope for scope, rules in RULES.values() if any(role in ROLES[rule] for rule in rules)}


def in_scope(actor: Actor, scope: Scope) -> bool:
    """Whether the proof reaches this far. `admin` reaches everything that the role may do."""
    return actor.scopes is None or scope in actor.scopes or Scope.ADMIN in actor.scopes


def allows(actor: Actor, action: Action, subject: Any = None, now: Now = None) -> bool:
    if action not in RULES:
        return False
    scope, rules = RULES[action]
    return in_scope(actor, scope) and any(rule(actor, subject, now) for rule in rules)


def require(actor: Actor, action: Action, subject: Any = None, now: Now = None) -> None:
    """Raises Forbidden with the action as its reason; the message names a scope that is lacking."""
    scope = RULES[action][0] if action in RULES else None
    if scope is not None and not in_scope(actor, scope):
        detail = f"This token lacks the scope {scope}."
        raise Forbidden(detail, reason=action.replace(".", "_"))
    if not allows(actor, action, subject, now):
        raise Forbidden(f"You may not do this: {action}.", reason=action.replace(".", "_"))
