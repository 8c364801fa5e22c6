"""Users, for admins."""

from typing import Any

from cms.api.conditional import expected_version
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.user_schemas import (
    NewUserSchema,
    UserChangesSchema,
    UserListQuerySchema,
    UserSchema,
)
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import User
from cms.services import new_passwords, users
from cms.services.cursors import Page


@blp.route("/users")
class Users(Resource):
    @blp.query(UserListQuerySchema)
    @blp.lists(UserSchema)
    def get(self, query: dict[str, Any]) -> tuple[Page, int]:
        """List users"""
        return users.find(actor(), **query), query["limit"]

    @blp.body(NewUserSchema)
    @blp.shows(UserSchema, 201)
    def post(self, values: dict[str, Any]) -> tuple[User, dict[str, str]]:
        """Add a user"""
        ready = new_passwords.prepared(actor(), values)
        with transaction():
            user = users.add(actor(), **ready)
        return user, {"Location": f"/api/v1/manage/users/{user.id}"}


@blp.route("/users/<id:user_id>")
class UserById(Resource):
    @blp.shows(UserSchema)
    def get(self, user_id: str) -> User:
        """Read one user"""
        return users.get(actor(), user_id)

    @blp.body(UserChangesSchema)
    @blp.shows(UserSchema)
    def patch(self, changes: dict[str, Any], user_id: str) -> User:
        """Change a user; suspension, another role or password ends their sessions"""
        version, ready = expected_version(), new_passwords.prepared(actor(), changes)
        with transaction():
            return users.edit(actor(), user_id, version, ready)

    @blp.removes
    def delete(self, user_id: str) -> None:
        """Delete a user with all sessions and tokens"""
        with transaction():
            users.remove(actor(), user_id, expected_version())
