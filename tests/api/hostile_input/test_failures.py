"""When the fault is ours: a problem that tells nothing."""

import pytest

from cms import create_app
from cms.config import Config
from tests.api.refusals import assert_problem
from tests.commenting import words

pytestmark = pytest.mark.thorough


@pytest.mark.threat("A16")
class TestFailures:
    def test_a_mistake_of_ours_tells_nothing(self, app, client, monkeypatch):
        def fail(**_):
            raise RuntimeError("SELECT secret FROM /srv/cms/site.db")

        monkeypatch.setitem(app.view_functions, "delivery.Posts", fail)

        assert_problem(client.get("/api/v1/posts"), 500, "internal_error")

    @pytest.mark.parametrize("url", ["", "postgresql://nobody@127.0.0.1:1/nothing"])
    def test_a_database_that_is_away_is_a_503(self, tmp_path, url):
        away = create_app(Config(data_dir=tmp_path, database_url=url, secret="x"))

        for path in ("/api/v1/posts", "/api/v1/posts/heat", "/api/v1/tags", "/api/v1/faqs"):
            answer = away.test_client().get(path)
            assert_problem(answer, 503, "database_unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        answer = away.test_client().post("/api/v1/posts/heat/comments", json=words())
        assert_problem(answer, 503, "database_unavailable")
