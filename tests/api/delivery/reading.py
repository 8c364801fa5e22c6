"""Read public lists to their end."""

from itertools import chain
from typing import Any

from flask.testing import FlaskClient


def get(client: FlaskClient, path: str, **query: Any) -> Any:
    """What is in an answer that must be there."""
    response = client.get(f"/api/v1{path}", query_string=query)
    assert response.status_code == 200, response.json
    return response.json


def data(client: FlaskClient, path: str, **query: Any) -> Any:
    return get(client, path, **query)["data"]


def pages(client: FlaskClient, path: str, *, limit: int, **query: Any) -> list[list[Any]]:
    """Every page of a list, by `links.next`."""
    found, answer = [], get(client, path, limit=limit, **query)
    while True:
        found.append(answer["data"])
        if answer["links"]["next"] is None:
            return found
        assert len(answer["data"]) == limit
        assert len(found) < 200, "There is no end."
        answer = client.get(answer["links"]["next"].removeprefix("http://api.example.org")).json


def joined(client: FlaskClient, path: str, *, limit: int, **query: Any) -> list[Any]:
    """A whole list, read page by page."""
    return list(chain.from_iterable(pages(client, path, limit=limit, **query)))


def refusal(client: FlaskClient, path: str) -> tuple[int, str, list[str]]:
    """Status, reason, and the parameters that are named."""
    response = client.get(f"/api/v1{path}")
    faults = [fault["pointer"] for fault in response.json["errors"]]
    return response.status_code, response.json["reason"], faults
