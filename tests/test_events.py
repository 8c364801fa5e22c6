"""docs/events.md names each event that the code can record, and what its data may hold."""

import re

from cms.models.event_types import KINDS, SENT
from cms.services.delivery_log import PING
from tests.recorded_events import SERVICES, recorded

WORD = re.compile(r"(?<!\")`([a-z_.]+)`")


def rows(page):
    """`(types, names in data)` of each row of a page's tables."""
    return [(WORD.findall(types), set(WORD.findall(data))) for types, _, data in cells(page)]


def cells(page):
    return re.findall(r"^\| (`\w+\..*?) \| (.*) \| (.*) \|$", page, re.M)


def test_each_event_is_documented_with_its_data(repository):
    page = (repository / "docs/events.md").read_text()
    documented = [(one, data) for types, data in rows(page) for one in types]

    assert dict(documented) == recorded()
    assert len(documented) == len(dict(documented))


def test_what_is_sent_stands_apart_from_what_is_kept(repository):
    parts = (repository / "docs/events.md").read_text().split("\n## ")[1:]
    sent, kept = ([one for types, _ in rows(part) for one in types] for part in parts)

    assert {one.partition(".")[0] for one in sent if one != PING} == set(KINDS)
    assert {one.partition(".")[0] for one in kept} & set(KINDS) == set()


def test_the_table_holds_what_is_sent_and_says_when_as_the_page_does(repository):
    sent = (repository / "docs/events.md").read_text().split("\n## ")[1]
    when = {one: told for types, told, _ in cells(sent) for one in WORD.findall(types)}
    named = {one.name: {*one.data, *one.sometimes} for one in SENT}

    assert {one.name: one.when for one in SENT} == when
    assert named == {one: names for one, names in recorded().items() if one in when}
    assert len(named) == len(SENT)


def test_events_are_recorded_where_the_test_looks(repository):
    elsewhere = [path for path in (repository / "cms").rglob("*.py") if path.parent != SERVICES]
    writes = re.compile(r"outbox\.(record|EVENT)\b|(?<!class )OutboxEvent\(")

    assert [path.name for path in elsewhere if writes.search(path.read_text())] == []
