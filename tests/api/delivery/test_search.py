"""Search over public posts and FAQs: the same hits on both databases, whatever is typed."""

import pytest
from sqlalchemy import text

from cms.extensions import db
from cms.services.delivery.moment import Moment
from tests import building
from tests.api.delivery.reading import data, get, joined, refusal
from tests.building import ANY, markdown
from tests.emptying import emptied

MANAGE = "/api/v1/manage"
POSTS = {
    "heat": {"title": "Heat and fatigue", "body": markdown("Warm rooms make spasticity worse.")},
    "cafe": {"title": "Größe im Café", "body": markdown("Cream & <b>sugar</b>, *50%* off_ers.")},
    "deep": {"title": "Deep pressure", "body": markdown("Fatigue after multiple sclerosis. " * 9)},
    "hebrew": {"title": "שלום עולם", "body": markdown("עיסוי רפואי 😀")},
    "chinese": {"title": "医疗按摩", "body": markdown("多发性硬化症的按摩")},
    "otro": {"title": "Fatiga y calor", "body": markdown("Multiple, el masaje."), "locale": "es"},
}
# What is typed, and what it finds, in any order.
FINDS = {
    "fatigue": {"heat", "deep", "what-is-fatigue"},
    "FATIGUE": {"heat", "deep", "what-is-fatigue"},
    "fati": {"heat", "deep", "what-is-fatigue"},
    "fa": set(),
    "fati* heat": {"heat"},
    "fati heat": set(),
    "heat warm": {"heat"},
    '"warm rooms"': {"heat"},
    '"rooms warm"': set(),
    '"warm roo"': set(),
    '"fatigue warm"': set(),
    "multiple-sclerosis": {"deep"},
    "grosse": {"cafe"},
    "GRÖSSE": {"cafe"},
    "cafe\u0301": {"cafe"},
    "sugar&cream": set(),
    "cream & sugar": {"cafe"},
    "50%": {"cafe"},
    "%": set(),
    "_": set(),
    "off_ers": {"cafe"},
    "עולם": {"hebrew"},
    "😀": set(),
    "按摩": {"chinese"},
    "硬化": {"chinese"},
    "AND": {"heat"},
    "heat AND fatigue": {"heat"},
    "heat OR deep": set(),
    "NOT heat": set(),
    "title:heat": set(),
    "heat*": {"heat"},
    "*": set(),
    "**heat": {"heat"},
    '"': set(),
    '"heat': {"heat"},
    "' OR 1=1 --": set(),
    "heat'": {"heat"},
    "heat\\": {"heat"},
    "^heat": {"heat"},
    "{heat}": {"heat"},
    "heat - -": {"heat"},
    "heat:*": {"heat"},
    "NEAR(heat fatigue)": set(),
    "the and of": set(),
    " ": set(),
    "\u202eheat\u202c": {"heat"},
    "en·heat": set(),
}

MANY = "+".join(f"w{number}" for number in range(17))


@pytest.fixture(scope="module")
def app(migrated):
    return emptied(migrated)


@pytest.fixture(scope="module")
def site(app):
    editor = building.signed_in(app, "editor")
    tag = building.tag(editor, slug="warmth")
    for slug, fields in POSTS.items():
        tags = {"tag_ids": [tag["id"]]} if slug in {"heat", "cafe"} else {}
        building.published_post(editor, slug=slug, **fields, **tags)
    answer = markdown("Being tired & more, <script>alert(1)</script> says the *fatigue* clinic.")
    building.published_faq(editor, slug="what-is-fatigue", question="What is it?", answer=answer)
    return editor


@pytest.fixture
def client(app, site):
    return app.test_client()


def slugs(hits):
    return [hit["slug"] for hit in hits]


@pytest.mark.threat("B5")
@pytest.mark.thorough
def test_what_is_typed_finds_the_same_everywhere(client):
    found = {text: set(slugs(data(client, "/search", q=text))) for text in FINDS}

    assert found == FINDS
    kinds = {"posts": set(POSTS) - {"otro"}, "faqs": {"what-is-fatigue"}}
    for path, known in kinds.items():
        lists = {text: set(slugs(data(client, f"/{path}", q=text))) for text in FINDS}
        assert lists == {text: hits & known for text, hits in FINDS.items()}


def test_a_title_weighs_more_than_a_body_and_pages_hold_each_hit_once(client):
    whole = data(client, "/search", q="fatigue", locale="*")

    assert slugs(whole)[0] == "heat"
    assert [hit["score"] for hit in whole] == sorted((hit["score"] for hit in whole), reverse=True)
    assert joined(client, "/search", limit=1, q="fatigue", locale="*") == whole
    assert get(client, "/search", q="fatigue", total="true")["meta"]["total"] == 3


def test_a_hit_says_where_it_is_and_marks_words_in_safe_html(client):
    faq, post = (data(client, "/search", q=q)[0] for q in ("tired clinic", "cream sugar"))

    assert faq["kind"] == "faq"
    assert faq["url"] is None
    marked = "Being <mark>tired</mark> &amp; more, says the fatigue <mark>clinic</mark>."
    assert faq["excerpt_html"] == marked
    assert post["url"].endswith("/cafe")
    assert post["title"] == "Größe im Café"
    assert "<mark>Cream</mark> &amp; <mark>sugar</mark>" in post["excerpt_html"]


def test_filters_and_sorts_hold_together(client):
    for query, expected in (
        ({"tag": "warmth"}, ["heat"]),
        ({"kind": "faq"}, ["what-is-fatigue"]),
        ({"kind": "post", "tag": "nothing"}, []),
        ({"locale": "es"}, []),
    ):
        assert slugs(data(client, "/search", q="fatigue", **query)) == expected
    assert slugs(data(client, "/search", q="multiple", locale="es")) == ["otro"]
    many = {"q": "fatigue", "sort": "title", "total": "true"}
    listed = get(client, "/posts", **many)
    assert slugs(listed["data"]) == ["deep", "heat"]
    assert listed["meta"]["total"] == 2
    assert slugs(data(client, "/posts", **many, tag="warmth")) == ["heat"]
    assert slugs(joined(client, "/posts", limit=1, q="fati", locale="*")) == [
        "otro",
        "deep",
        "heat",
    ]
    assert data(client, "/posts", q="fatigue", published_before="2000-01-01T00:00:00Z") == []


def test_what_can_not_be_asked_for_is_named(client):
    for query in ("", "q=", f"q={'a' * 201}", f"q={'a' * 10_000}", f"q={MANY}", "q=a%00b"):
        assert refusal(client, f"/search?{query}")[::2] == (400, ["q"])
    cursor = get(client, "/search", q="fatigue", limit=1)["meta"]["next_cursor"]
    for query in (f"q=heat&cursor={cursor}", f"q=fatigue&kind=post&cursor={cursor}"):
        assert refusal(client, f"/search?{query}")[1] == "bad_cursor"
    assert refusal(client, "/search?q=a&sort=title")[::2] == (400, ["sort"])


def test_a_search_knows_what_is_public_at_each_moment(client, site):
    post = building.post(site, title="Zebra draft", body=markdown("zebra"))
    answers = [client.get(f"/api/v1/{path}?total=true&q=zebra") for path in ("search", "posts")]
    assert [one.json["meta"]["total"] for one in answers] == [0, 0]

    building.publish(site, post)
    assert slugs(data(client, "/search", q="zebra")) == [post["slug"]]
    url = f"{MANAGE}/posts/{post['id']}"
    site.patch(url, json={"title": "Okapi", "body": markdown("okapi")}, headers=ANY)
    assert data(client, "/search", q="okapi") == []

    building.publish(site, post)
    assert data(client, "/search", q="zebra") == []
    assert slugs(data(client, "/search", q="okapi")) == [post["slug"]]
    assert site.delete(f"{url}/publication", headers=ANY).status_code == 200
    assert data(client, "/search", q="okapi") == []


def test_a_page_is_in_order_however_its_rows_come(client, editor, monkeypatch):
    for title in ("Heat", "Warm", "Heat and heat"):
        body = {"format": "markdown", "source": "Some heat."}
        building.published_post(editor, title=title, body=body)
    wanted = client.get("/api/v1/search?q=heat").json["data"]
    rows = Moment.rows
    monkeypatch.setattr(Moment, "rows", lambda *a, **named: rows(*a, **named)[::-1])

    found = client.get("/api/v1/search?q=HEAT").json["data"]

    assert found == wanted
    assert len({hit["score"] for hit in found}) > 1


def test_the_index_keeps_texts_on_one_line(app, editor):
    body = {"format": "markdown", "source": "One  paragraph.\n\nAnother one."}
    building.published_post(editor, excerpt="An excerpt.", body=body)
    with app.app_context():
        (kept,) = db.session.execute(
            text("SELECT text FROM search_index WHERE text LIKE 'An excerpt%'")
        ).scalars()
    assert kept == "An excerpt. One paragraph. Another one."
