"""A refusal names what is to be mended."""

import pytest

from tests import building
from tests.api.refusals import assert_problem


def test_a_token_without_a_scope_is_told_which(app):
    client = building.signed_in(app, "editor", scopes=["content:read"])

    answer = client.get("/api/v1/manage/comments")

    problem = assert_problem(answer, 403, "comment_read")
    assert problem["detail"] == "This token lacks the scope comments:moderate."


def test_a_role_that_may_not_is_not_told_of_scopes(sign_in):
    answer = sign_in("viewer").post("/api/v1/manage/tags", json={"name": "Heat"})

    assert "scope" not in assert_problem(answer, 403, "taxonomy_edit")["detail"]


@pytest.mark.parametrize("query", ["status=bogus", "status=pending&status=bogus"])
def test_a_fault_in_a_repeated_parameter_points_at_its_name(admin, query):
    problem = assert_problem(admin.get(f"/api/v1/manage/comments?{query}"), 400, "bad_parameter")

    assert [fault["pointer"] for fault in problem["errors"]] == ["status"]
