"""Signing in, and the proofs that it gives. Every route here is behind the guard, but those by
which somebody comes in: signing in, a new password by mail, a link from a mail.
"""

from flask import request

from cms.api.identity import SAFE, check_origin, require_sign_in
from cms.api.resources import Resources

blp = Resources("auth", __name__, description="Sign in, sign out, API tokens")
OPEN = {"auth.Login", "auth.PasswordReset", "auth.PasswordResetByToken"}
# Their secret is in the address, which no page of another origin knows; and a page without a
# referrer sends its form with no origin that could be checked.
BY_ADDRESS = {"auth.CommentLink"}


@blp.before_request
def guard() -> None:
    if request.endpoint in BY_ADDRESS:
        return
    if request.endpoint not in OPEN:
        require_sign_in()
    elif request.method not in SAFE:
        check_origin()


from cms.api.auth import comment_links, password_resets, sessions, tokens  # noqa: E402, F401
