"""API tokens: everyone's own, and for admins all of them."""

from dataclasses import replace
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

# What is no column of a token.
IDLE = "idle_scopes"


@blp.route("/tokens")
class Tokens(Resource):
    @blp.query(TokenListQuerySchema)
    @blp.lists(TokenSchema)
    def get(self, query: dict[str, Any]) -> tuple[Page, int]:
        """List API tokens, newest first"""
        page = tokens.find(actor(), **query)
        return replace(page, items=[_shown(one) for one in page.items]), query["limit"]

    @blp.body(NewTokenSchema)
    @blp.shows(MadeTokenSchema, 201)
    def post(self, values: dict[str, Any]) -> dict[str, Any]:
        """Make an API token; its secret is shown this once"""
        with transaction():
            token, secret = tokens.add(actor(), **({"user_id": actor().user_id} | values))
        return _shown(token) | {"token": secret}


@blp.route("/tokens/<id:token_id>")
class TokenById(Resource):
    @blp.removes
    def delete(self, token_id: str) -> None:
        """Revoke an API token and all that it made, at once"""
        with transaction():
            tokens.revoke(actor(), token_id)


def _shown(token: ApiToken) -> dict[str, Any]:
    kept = {name: getattr(token, name) for name in TokenSchema().fields if name != IDLE}
    return kept | {IDLE: tokens.idle_scopes(token)}
