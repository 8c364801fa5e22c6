"""Cursors that belong to another question."""

import pytest

from tests import building
from tests.api.refusals import assert_problem

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B8")]


def test_a_cursor_of_another_filter_or_sort_is_refused(admin, client, heat):
    building.published_post(admin)
    cursor = client.get("/api/v1/posts?limit=1").json["meta"]["next_cursor"]

    for query in ("sort=title", "slug=heat", "locale=es", "updated_after=2020-01-01T00:00:00Z"):
        answer = client.get(f"/api/v1/posts?limit=1&{query}&cursor={cursor}")
        assert_problem(answer, 400, "bad_cursor")
    assert_problem(client.get(f"/api/v1/tags?cursor={cursor}"), 400, "bad_cursor")
    assert_problem(client.get(f"/api/v1/posts?cursor={cursor[:-2]}AA"), 400, "bad_cursor")
