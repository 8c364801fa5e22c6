"""Counts of searches that found nothing, on their way from public reads to the database.

No public read may wait for a writer, so counts gather in the process, and a short transaction
writes them down now and then. A process that ends takes its last seconds along.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

from flask import Flask, current_app

from cms.database import transaction
from cms.services import clock, search_misses
from cms.services.delivery.moment import EVERY_LOCALE
from cms.services.search_misses import Miss

log = logging.getLogger(__name__)

# Where the application keeps its tally.
EXTENSION = "cms_unanswered"
# Seconds from a count until it is written.
EVERY = 10.0
# Different searches that wait; more are not counted.
MOST_WAITING = 500


class Tally:
    """Writes itself down `every` so many seconds while there is something; with None, never."""

    def __init__(self, app: Flask, every: float | None) -> None:
        self._app, self._every = app, every
        self._lock = threading.Lock()
        self._counts: Counter[Miss] = Counter()

    def add(self, miss: Miss) -> None:
        with self._lock:
            if miss not in self._counts and len(self._counts) >= MOST_WAITING:
                return
            is_first = not self._counts
            self._counts[miss] += 1
        if is_first and self._every is not None:
            # Begun by a request, never at import: a fork must not share it.
            timer = threading.Timer(self._every, self.write)
            timer.daemon = True
            timer.start()

    def write(self) -> None:
        """Write down what waits. What can not be written is lost: it is a hint, no record."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            with self._app.app_context(), transaction():
                search_misses.add(counts, clock.now().date())
        except Exception:
            log.warning("Searches without results could not be counted.", exc_info=True)


def init_app(app: Flask) -> None:
    # Tests empty the tables between them, and write when they mean to.
    app.extensions[EXTENSION] = Tally(app, None if app.config["CMS"].testing else EVERY)


def counting(text: str, locale: str | None) -> Callable[[], None] | None:
    """What to call whenever somebody is told that there is nothing; None for what is not kept."""
    query, config = search_misses.words_of(text), current_app.config["CMS"]
    locale = locale or config.default_locale
    if query is None or locale not in (*config.locales, EVERY_LOCALE):
        return None
    return partial(current_app.extensions[EXTENSION].add, (locale, query))
