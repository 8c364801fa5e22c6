"""Count attempts before the use case, and keep the counts when it is refused."""

from cms.database import transaction
from cms.services import limits


def throttle(*attempts: tuple[str, str]) -> None:
    """Count `(rule, subject)` against each limit, in a transaction of its own.

    Raises TooMany when any is passed. Name the rules in one order everywhere.
    """
    with transaction():
        waits = [limits.hit(rule, subject) for rule, subject in attempts]
    limits.check(max(waits))
