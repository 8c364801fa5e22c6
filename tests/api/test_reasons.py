"""The `type` of a refusal is an address that says what it means."""

import re
from pathlib import Path

from tests.api.refusals import assert_problem

DOCUMENT = Path(__file__).parents[2] / "docs/problems.md"


def test_the_type_of_a_refusal_leads_to_what_it_means(client):
    refused = client.get("/api/v1/posts/nowhere").json

    answer = client.get(refused["type"])

    assert answer.status_code == 200
    assert answer.json["data"]["reason"] == refused["reason"]
    assert refused["status"] in {one["status"] for one in answer.json["data"]["meanings"]}
    assert answer.headers["Cache-Control"].startswith("public")
    again = client.get(refused["type"], headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_all_rows_of_the_document_are_listed_whole(client):
    listed = client.get("/problems").json["data"]

    rows = re.findall(r"^\| `(\w+)`", DOCUMENT.read_text(), re.M)
    meanings = [(one["reason"], each) for one in listed for each in one["meanings"]]
    assert sorted(rows) == sorted(reason for reason, _ in meanings)
    assert all(each["meaning"] and each["advice"] and each["part"] for _, each in meanings)
    assert [one for one in listed if client.get(one["type"]).json["data"] != one] == []


def test_what_is_no_reason_leads_nowhere(client):
    assert_problem(client.get("/problems/nothing"), 404, "not_found")
