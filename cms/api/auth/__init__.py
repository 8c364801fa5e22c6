"""Signing in, and the proofs that it gives. Every route here but signing in is behind the guard."""

from flask import request

from cms.api.identity import SAFE, check_origin, require_sign_in
from cms.api.resources import Resources

blp = Resources("auth", __name__, description="Sign in, sign out, API tokens")
OPEN = {"auth.Login"}


@blp.before_request
def guard() -> None:
    if request.endpoint not in OPEN:
        require_sign_in()
    elif request.method not in SAFE:
        check_origin()


from cms.api.auth import sessions, tokens  # noqa: E402, F401
