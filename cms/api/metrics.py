"""Numbers for Prometheus, of all processes of this machine together.

Each process writes its own into a file that it has in memory (the library's multiprocess mode);
whichever is asked puts all of them together, and those of a process that died stay counted.
"""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

from cms.api.front import front_of
from cms.api.vital_numbers import VitalNumbers
from cms.extensions import db

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
# How often what is counted elsewhere is looked at, in seconds.
LOOKS_EVERY = 1.0
FRONT_COUNTS = ["hits", "misses", "unchanged", "passed_by", "away", "dropped", "evicted"]


class Metrics:
    def __init__(self, app: Flask) -> None:
        # The library decides by its variable when it is imported: before our settings are read.
        values.ValueClass = values.MultiProcessValue()
        self._app, self._front = app, front_of(app)
        self._folder = Path(app.config["CMS"].metrics_folder)
        labels = ["route", "method", "status"]
        about = "Requests: how many, and how long until they were answered"
        self._requests = Histogram(
            "cms_request_seconds", about, labels, registry=None, buckets=SECONDS
        )
        self._looking = threading.Lock()
        self._children: dict[tuple[str, str, int], Any] = {}
        about = "What became of requests before Flask; answers that it forgot"
        self._counts = Counter("cms_front", about, ["outcome"], registry=None)
        self._known = dict.fromkeys(FRONT_COUNTS, 0)
        self._kept = _live("cms_front_bytes", "Memory of answers, in bytes")
        self._answers = _live("cms_front_answers", "Answers in memory")
        self._leases = _live("cms_front_leases", "Processes that answer under a lease")
        self._used = _live("cms_database_pool_used", "Connections of the pool in use")
        self._size = _live("cms_database_pool_size", "Connections that the pool keeps")

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        key = (route, method, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._requests.labels(*key)
        child.observe(seconds)

    def watch(self) -> None:
        """Copy what others count, from now on, in a thread of its own."""
        threading.Thread(target=self._watch, daemon=True).start()

    def look(self) -> None:
        with self._looking, self._app.app_context():
            pool: Any = db.engine.pool
            self._used.set(pool.checkedout())
            self._size.set(pool.size())
            if self._front is not None:
                self._look_at_front(self._front.numbers())

    def page(self) -> CollectorRegistry:
        """What a scraper reads, of all processes and of the database."""
        _forget_the_dead(self._folder)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(self._folder))
        registry.register(VitalNumbers(self._app))
        return registry

    def _watch(self) -> None:
        while True:
            self.look()
            time.sleep(LOOKS_EVERY)

    def _look_at_front(self, numbers: dict[str, int]) -> None:
        for name in FRONT_COUNTS:
            self._counts.labels(name).inc(numbers[name] - self._known[name])
        self._known = {name: numbers[name] for name in FRONT_COUNTS}
        self._kept.set(numbers["bytes"])
        self._answers.set(numbers["answers"])
        self._leases.set(numbers["leases"])


def _live(name: str, about: str) -> Gauge:
    """A number that goes with its process."""
    return Gauge(name, about, registry=None, multiprocess_mode="livesum")


def _forget_the_dead(folder: Path) -> None:
    for file in folder.glob("gauge_live*_*.db"):
        try:
            os.kill(int(file.stem.rpartition("_")[2]), 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):
                file.unlink()
        except PermissionError:
            pass
