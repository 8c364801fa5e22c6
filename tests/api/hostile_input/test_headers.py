"""Headers that can not be: refused where they matter, harmless where they do not."""

import pytest

from tests.api import hostile
from tests.api.refusals import assert_problem, contents
from tests.building import ANY
from tests.commenting import words

pytestmark = pytest.mark.thorough


@pytest.mark.threat("B7")
class TestHeaders:
    def test_that_can_not_be_are_refused(self, app, admin, heat, row):
        before, url = contents(app), f"/api/v1/manage/posts/{heat['id']}"

        for name, value, status, reason in hostile.HEADERS:
            with row(name, value[:80]):
                answer = admin.patch(url, json={"title": "Other"}, headers=ANY | {name: value})
                assert_problem(answer, status, reason)

        assert contents(app) == before

    def test_a_key_that_can_not_be_is_refused(self, app, client, heat, row):
        before, url = contents(app), "/api/v1/posts/heat/comments"

        for key in hostile.NOT_A_KEY:
            with row(key[:80]):
                answer = client.post(url, json=words(), headers={"Idempotency-Key": key})
                assert_problem(answer, 400, "bad_idempotency_key")

        assert contents(app) == before

    @pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "short", "\xe9" * 9])
    def test_a_request_id_that_can_not_be_is_replaced(self, client, given):
        answer = client.get("/api/v1/nothing", headers={"X-Request-Id": given})

        assert answer.headers["X-Request-Id"] == answer.json["request_id"] != given

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *(("Host", "evil example"), ("Host", "\xff"), ("Host", "a:b:c"), ("Host", "[::")),
            *(("Cookie", "cms_session=\xff; ="), ("Cookie", "=" * 10_000), ("Accept", "\xff")),
            *(("Range", "bytes=0-1"), ("Content-Length", "-1"), ("Content-Length", "x")),
            *(("Content-Encoding", "gzip"), ("User-Agent", "\xff" * 1000), ("Origin", "\xff")),
            *(("If-None-Match", "\xff"), ("If-Modified-Since", "x"), ("Accept-Language", "\xff")),
            *(("X-Forwarded-For", "\xff"), ("X-CSRF-Token", "\xff")),
        ],
    )
    def test_that_say_nonsense_harm_nothing(self, client, heat, name, value):
        assert client.get("/api/v1/posts/heat", headers={name: value}).status_code == 200
