"""The shared Flask extensions, created unbound and attached in `create_app`."""

from flask import Response
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy

from cms.models import Base


class Logins(LoginManager):
    """Flask-Login, resolving each request by itself.

    Its own cookies are not used, so nothing is to be remembered after an answer; asking whether
    there is would mark every public answer as `Vary: Cookie`.
    """

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


class Database(SQLAlchemy):
    """Sessions as long as the application's context."""

    def _teardown_session(self, exc: BaseException | None) -> None:
        # No thread has one, so there is none to be closed here either; most requests only read.
        if self.session.registry.registry:
            super()._teardown_session(exc)


# Replies are built after the commit; keeping loaded values spares a second read.
db = Database(metadata=Base.metadata, session_options={"expire_on_commit": False})
logins = Logins()
