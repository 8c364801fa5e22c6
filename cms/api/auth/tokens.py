"""API tokens: everyone's own, and for admins all of them."""

from typing import Any

from cms.api.auth import blp
from cms.api.auth.schemas import (
    MadeTokenSchema,
    NewTokenSchema,
    TokenListQuerySchema,
    TokenSchema,
)
from cms.api.identity import actor
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import ApiToken
from cms.services import tokens
from cms.services.cursors import Page


@blp.route("/tokens")
class Tokens(Resource):
    @blp.query(TokenListQuerySchema)
    @blp.lists(TokenSchema)
    def get(self, query: dict[str, Any]) -> tuple[Page, int]:
        """List API tokens, newest first"""
        return tokens.find(actor(), **query), query["limit"]

    @blp.body(NewTokenSchema)
    @blp.shows(MadeTokenSchema, 201)
    def post(self, values: dict[str, Any]) -> dict[str, Any]:
        """Make an API token; its secret is shown this once"""
        with transaction():
            token, secret = tokens.add(actor(), **({"user_id": actor().user_id} | values))
        return _with_secret(token, secret)


@blp.route("/tokens/<id:token_id>")
class TokenById(Resource):
    @blp.removes
    def delete(self, token_id: str) -> None:
        """Revoke an API token, at once"""
        with transaction():
            tokens.revoke(actor(), token_id)


def _with_secret(token: ApiToken, secret: str) -> dict[str, Any]:
    return {name: getattr(token, name) for name in TokenSchema().fields} | {"token": secret}
