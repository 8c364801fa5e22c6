"""Save entries and read their history through the API, posts and FAQs alike."""

from typing import Any

from flask import Flask

from cms.extensions import db
from cms.models import Revision
from tests import building
from tests.building import ANY, Client, markdown

MAKERS = {"posts": building.post, "faqs": building.faq}
# What the API calls a title and a body.
TITLE = {"posts": "title", "faqs": "question"}
BODY = {"posts": "body", "faqs": "answer"}


def url_of(entry: dict[str, Any]) -> str:
    kind = "faqs" if "question" in entry else "posts"
    return f"/api/v1/manage/{kind}/{entry['id']}"


def save(client: Client, entry: dict[str, Any], headers: Any = ANY, **fields: Any) -> Any:
    """What the entry is after a change; a plain `body` is Markdown."""
    if isinstance(fields.get("body"), str):
        fields["body"] = markdown(fields["body"])
    return _data(client.patch(url_of(entry), json=fields, headers=headers))


def revised(client: Client, kind: str, count: int = 3) -> dict[str, Any]:
    """An entry with so many revisions, each noted by its number."""
    entry = MAKERS[kind](client, note="1")
    for number in range(2, count + 1):
        changes = {TITLE[kind]: f"Title {number}", "note": str(number)}
        entry = save(client, entry, **changes)
    return entry


def history(client: Client, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """All revisions, the first one first."""
    return _data(client.get(f"{url_of(entry)}/revisions?limit=100"))[::-1]


def numbers(client: Client, entry: dict[str, Any]) -> list[int]:
    return [one["number"] for one in history(client, entry)]


def fields(client: Client, entry: dict[str, Any], number: int) -> dict[str, Any]:
    return _data(client.get(f"{url_of(entry)}/revisions/{number}"))["fields"]


def restore(client: Client, entry: dict[str, Any], number: int, **values: Any) -> dict[str, Any]:
    url = f"{url_of(entry)}/revisions/{number}/restore"
    return _data(client.post(url, json=values, headers=ANY))


def diff(
    client: Client, entry: dict[str, Any], number: int, against: Any = None
) -> dict[str, dict[str, Any]]:
    """Each difference by its field."""
    query = "" if against is None else f"?against={against}"
    found = _data(client.get(f"{url_of(entry)}/revisions/{number}/diff{query}"))
    return {one.pop("field"): one for one in found["differences"]}


def row(app: Flask, entry: dict[str, Any], number: int) -> dict[str, Any]:
    """Every column of a revision as it is stored."""
    with app.app_context():
        found = db.session.get(Revision, (entry["id"], number))
        return {one.key: getattr(found, one.key) for one in Revision.__table__.columns}


def _data(response: Any) -> Any:
    assert response.status_code == 200, response.json
    return response.json["data"]
