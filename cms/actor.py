"""Who a change is made for: a person by a session or a token, or the operator of the machine."""

from dataclasses import dataclass

from flask_login import UserMixin

from cms.models import Role, Scope


@dataclass(frozen=True, eq=False)
class Actor(UserMixin):
    """What permissions look at. `scopes` is None where nothing narrows the role."""

    user_id: str | None
    role: Role
    name: str
    email: str
    # How the request proved it: `session:ID`, `token:ID`, `mail:ID` (a link), `command line`,
    # `worker`; `reader` proves nothing.
    via: str
    scopes: frozenset[Scope] | None = None
    csrf_token: str | None = None

    def get_id(self) -> str:
        return str(self.user_id)


OPERATOR = Actor(user_id=None, role=Role.ADMIN, name="Operator", email="", via="command line")
# The site itself, by its worker.
SYSTEM = Actor(user_id=None, role=Role.ADMIN, name="System", email="", via="worker")
# A stranger, who may do nothing but leave a comment: no scope reaches any action.
READER = Actor(
    user_id=None, role=Role.VIEWER, name="Reader", email="", via="reader", scopes=frozenset()
)
