"""Signing in, and the proofs that it gives."""

from cms.api.resources import Resources

blp = Resources("auth", __name__, description="Sign in, sign out, API tokens")

from cms.api.auth import sessions, tokens  # noqa: E402, F401
