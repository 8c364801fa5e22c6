"""Count attempts before the use case, and keep the counts when it is refused."""

from cms.database import transaction
from cms.services import limits
from cms.services.limits import Limit


def throttle(*asked: Limit) -> None:
    """Count an attempt against each limit, the narrowest first, in a transaction of its own.

    Raises TooMany when any is passed. Name limits in one order everywhere.
    """
    if not asked or not limits.are_on():
        return
    limits.check(limits.full(asked))
    with transaction():
        seconds = limits.hit(*asked)
    limits.check(seconds)
