"""What the database knows of the state of the site, as Prometheus takes it."""

from collections.abc import Iterator

from flask import Flask
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from cms.errors import Unavailable
from cms.services import vitals
from cms.services.vitals import Vitals


class VitalNumbers(Collector):
    def __init__(self, app: Flask) -> None:
        self._app = app

    def collect(self) -> Iterator[Metric]:
        """While the database is away, nothing but that: old numbers would be taken for new."""
        up = GaugeMetricFamily("cms_database_up", "Whether the database answers")
        try:
            with self._app.app_context():
                found = vitals.read()
        except (SQLAlchemyError, Unavailable):
            found = None
        up.add_metric([], found is not None)
        yield up
        if found is not None:
            yield from _numbers(found)


def _numbers(found: Vitals) -> Iterator[Metric]:
    about = "Age of the oldest event that no worker has taken up"
    yield GaugeMetricFamily("cms_outbox_oldest_seconds", about, found.oldest_event_seconds)
    about = "Age of the oldest delivery that is due"
    yield GaugeMetricFamily("cms_deliveries_oldest_seconds", about, found.oldest_delivery_seconds)
    about = "Deliveries to webhooks of the last 30 days"
    yield _by("cms_deliveries", about, "outcome", found.deliveries)
    about = "Age of the oldest mail that is due"
    yield GaugeMetricFamily("cms_mails_oldest_seconds", about, found.oldest_mail_seconds)
    about = "Mails by what became of them, as long as their rows are kept"
    yield _by("cms_mails", about, "outcome", found.mails)
    yield _by("cms_comments", "Comments by status", "status", found.comments)
    about = "When a worker last did each step without a fault, in seconds since 1970"
    yield _by("cms_worker_step_timestamp_seconds", about, "step", found.steps)
    about = "When a step of a worker last failed, in seconds since 1970"
    yield _by("cms_worker_step_failure_timestamp_seconds", about, "step", found.failures)


def _by(name: str, about: str, label: str, numbers: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, number in numbers.items():
        family.add_metric([value], number)
    return family
