"""When each token was last used, on its way from requests to the database.

No read may wait for a writer, so uses gather in the process, and a short transaction writes them
down soon after; not again for a while, so that a busy token costs a write every few minutes. A
process that ends takes its last second along.
"""

import logging
import threading
from datetime import datetime, timedelta

from flask import Flask, current_app
from sqlalchemy import update

from cms.database import transaction
from cms.extensions import db
from cms.models import ApiToken
from cms.models.base import UtcDateTime
from cms.services import clock

log = logging.getLogger(__name__)

# Where the application keeps them.
EXTENSION = "cms_token_uses"
# Within it, a later use is not written.
EXACT_TO = timedelta(minutes=5)
# Seconds from a use until it is written.
SOON = 1.0
# Tokens that wait; more are written with their next use.
MOST_WAITING = 500
_TIME = UtcDateTime()


class Uses:
    """Tokens that were used, until that is written down."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._waiting: set[str] = set()

    def add(self, token_id: str) -> None:
        with self._lock:
            is_first = not self._waiting
            if len(self._waiting) < MOST_WAITING:
                self._waiting.add(token_id)
        # Tests empty the tables between them, and write when they mean to.
        if is_first and not self._app.config["CMS"].testing:
            # Begun by a request, never at import: a fork must not share it.
            timer = threading.Timer(SOON, self.write)
            timer.daemon = True
            timer.start()

    def write(self) -> None:
        """Write down what waits. What can not be written is lost: it is a hint, no record."""
        with self._lock:
            used, self._waiting = self._waiting, set()
        try:
            with self._app.app_context(), transaction():
                named = update(ApiToken).where(ApiToken.id.in_(used))
                db.session.execute(named.values(last_used_at=clock.now()))
        except Exception:
            log.warning("The uses of tokens could not be written.", exc_info=True)


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = Uses(app)


def note(token_id: str, last: str | datetime | None) -> None:
    """That a token is used now; `last` is the time before, as the database gave it."""
    before = _TIME.process_result_value(last, None)
    if before is None or clock.reading_now() - before >= EXACT_TO:
        current_app.extensions[EXTENSION].add(token_id)
