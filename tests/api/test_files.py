"""Public files: kept for ever, harmless, and nothing beside them."""

import pytest

from tests import building
from tests.api.refusals import assert_problem
from tests.files import pictures

pytestmark = pytest.mark.threat("B13")

HOST = "http://api.example.org"


@pytest.fixture
def path(editor):
    return building.media(editor, name="Warm hands.png")["url"].removeprefix(HOST)


def test_a_file_may_be_kept_for_ever_by_anyone(client, path):
    answer = client.get(path, headers={"Origin": "https://evil.example"})

    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert pictures.opened(answer.data).size == (8, 6)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not {"Set-Cookie", "Vary"} & {name for name, _ in answer.headers}


def test_a_known_file_is_not_sent_again(client, path):
    etag = client.get(path).headers["ETag"]

    for header in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = client.get(path, headers={"If-None-Match": header})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)
        assert "Content-Type" not in answer.headers
    assert client.get(path, headers={"If-None-Match": '"x"'}).status_code == 200


def test_head_says_what_get_would(client, path):
    shown, head = client.get(path), client.head(path)

    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control"):
        assert head.headers[name] == shown.headers[name]


def test_a_pdf_is_saved_rather_than_opened(client, editor):
    data = b"%PDF-1.7\n<script>alert(1)</script>"
    made = building.media(editor, data, name='Leaf"let\r\nX: y.pdf')

    answer = client.get(made["url"].removeprefix(HOST))

    assert (answer.data, answer.content_type) == (data, "application/pdf")
    disposition = answer.headers["Content-Disposition"]
    assert disposition == f'attachment; filename="{made["filename"]}"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "rest",
    [
        *("../../secret.key", "..%2f..%2fsecret.key", "%2e%2e/x.jpg", "....//x.jpg", "x.jpg/"),
        *("warm-hands.jpg%00", "warm-hands.jpg%0a", "WARM-HANDS.JPG", "warm-hands.png", "x.svg"),
        *("", ".", "..", "\\..\\..\\secret.key", "warm-hands.jpg/x", "%ff", "é.jpg", "a" * 999),
        *("warm-hands.jpg;x.html", ".new-0/x.jpg", "//etc/passwd", "secret.key"),
    ],
)
def test_no_other_name_leads_anywhere(app, client, path, rest):
    (app.config["CMS"].data_dir / "secret.key").write_text("canary")
    folder = path.rpartition("/")[0]

    for url in (f"{folder}/{rest}", f"/media/{rest}", f"/media/{'0' * 32}/{rest}"):
        answer = client.get(url)
        assert_problem(answer, 404, "not_found")
        assert "canary" not in answer.text


def test_an_address_of_no_file_is_never_kept(client, path):
    answer = client.get(f"/media/{'0' * 32}/warm-hands.jpg")

    assert_problem(answer, 404, "not_found")
    assert client.get(f"{path}?w=1").status_code == 400
    assert client.post(path).status_code == 405
    assert client.options(path).status_code in {200, 204}
