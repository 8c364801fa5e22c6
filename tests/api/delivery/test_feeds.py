"""Feeds and the sitemap of the public posts, as programs of others read them."""

from dataclasses import replace

import pytest

from cms.content.feeds import WRITERS
from cms.services.delivery import sitemaps
from tests import building
from tests.building import ANY, markdown
from tests.content.test_feeds import HOSTILE
from tests.syndicated import mapped, parsed

HOME = "https://www.example.org/"
SITE = f"{HOME}posts"
FEED = "/api/v1/feed"
SITEMAP = "/api/v1/sitemap.xml"
HIDDEN = "CANARY"


def read(client, notation: str, query: str = "") -> list[dict]:
    answer = client.get(f"{FEED}.{notation}{query}")
    assert (answer.status_code, answer.content_type) == (200, WRITERS[notation][1])
    return parsed(answer.data, notation)


def secrets(admin) -> None:
    """Texts that no reader may see: a draft, one to come, one that ended, one in the trash."""
    words = {"title": HIDDEN, "body": markdown(HIDDEN)}
    building.post(admin, **words)
    later = building.post(admin, **words)
    building.publish(admin, later, publish_at="2900-01-01T00:00:00Z")
    for method, path in (("delete", "/publication"), ("delete", "")):
        gone = building.published_post(admin, **words)
        url = f"/api/v1/manage/posts/{gone['id']}{path}"
        assert getattr(admin, method)(url, headers=ANY).status_code == 200


def test_feeds_hold_whole_public_texts_and_nothing_else(admin, client):
    secrets(admin)
    tag, author = building.tag(admin, name="A & <b>"), building.author(admin)
    picture = building.media(admin)
    body = markdown(f"[a](/b) ![c](media:{picture['id']})")
    named = {"tag_ids": [tag["id"]], "author_ids": [author["id"]], "hero_media_id": picture["id"]}
    post = building.published_post(admin, title="1 < 2 & <i>", body=body, **named)
    building.published_post(admin, locale="es", title="Otro")
    plain = building.published_post(admin)

    for notation in WRITERS:
        first, second = read(client, notation)
        assert [first["id"], second["id"]] == [f"urn:uuid:{one['id']}" for one in (plain, post)]
        assert (second["title"], second["tags"]) == ("1 < 2 & <i>", ["A & <b>"])
        assert (second["url"], second["authors"]) == (f"{SITE}/{post['slug']}", [author["name"]])
        assert '<a href="https://www.example.org/b"' in second["html"]
        assert 'src="http://api.example.org/media/' in second["html"]
        assert [one["title"] for one in read(client, notation, "?locale=es")] == ["Otro"]
        assert len(read(client, notation, "?locale=*")) == 3
        assert len(read(client, notation, f"?tag={tag['slug']}")) == 1
        assert read(client, notation, "?tag=none") == []
        assert HIDDEN not in client.get(f"{FEED}.{notation}?locale=*").text
        page = client.get(f"{FEED}.{notation}?limit=1")
        following = page.headers["Link"].split(">")[0].removeprefix("<http://api.example.org")
        assert parsed(client.get(following).data, notation)[0]["id"] == second["id"]
        known = {"If-None-Match": page.headers["ETag"]}
        assert client.get(f"{FEED}.{notation}?limit=1", headers=known).status_code == 304


# Names hold nothing that turns a line around.
NAMES = [text.replace("\u202e", "") for text in HOSTILE]


@pytest.mark.threat("B1")
def test_hostile_words_are_words_in_every_feed(admin, client):
    for text in HOSTILE:
        tag = building.tag(admin, name=text)
        body = markdown(f"a `{text}` {text}")
        words = {"title": text, "excerpt": text, "body": body, "tag_ids": [tag["id"]]}
        building.published_post(admin, **words)

    for notation in WRITERS:
        found = read(client, notation)[::-1]
        assert [one["title"] for one in found] == NAMES
        assert [one["tags"] for one in found] == [[text] for text in NAMES]
        assert not [one for one in found if "<script" in one["html"] or "<x>" in one["html"]]
    assert len(mapped(client.get(SITEMAP).data)) == len(HOSTILE)


def test_a_feed_refuses_what_it_does_not_know(client):
    wrong = ["cursor=x", "limit=0", "locale=xx", "total=true", "sort=title", "tag=", "q=a"]
    for query in wrong:
        answers = [client.get(f"{FEED}.{notation}?{query}") for notation in WRITERS]
        assert {answer.status_code for answer in answers} == {400}, query


def test_the_sitemap_names_every_public_page_in_its_languages(admin, client):
    secrets(admin)
    post = building.published_post(admin)
    other = building.published_post(admin, locale="es", translation_of=post["id"])
    building.published_post(admin, seo={"noindex": True})
    plain = building.published_post(admin, title='"noindex":true')

    answer = client.get(SITEMAP)
    found = mapped(answer.data)

    languages = {one["locale"]: f"{SITE}/{one['slug']}" for one in (post, other)}
    assert answer.content_type == "application/xml"
    assert found == dict.fromkeys(languages.values(), languages) | {f"{SITE}/{plain['slug']}": {}}
    assert HIDDEN.lower() not in answer.text.lower()


def test_a_sitemap_that_would_be_empty_names_the_front_page(admin, client):
    for query in ("", "?locale=es"):
        assert mapped(client.get(f"{SITEMAP}{query}").data) == {HOME: {}}
    secrets(admin)
    building.published_post(admin, seo={"noindex": True})
    assert mapped(client.get(SITEMAP).data) == {HOME: {}}

    post = building.published_post(admin)

    assert mapped(client.get(SITEMAP).data) == {f"{SITE}/{post['slug']}": {}}
    assert mapped(client.get(f"{SITEMAP}?locale=es").data) == {HOME: {}}


@pytest.mark.parametrize(
    ("site", "home"),
    [
        ("https://a.example/blog", "https://a.example/blog"),
        ("http://ü.example", "http://xn--tda.example/"),
    ],
)
def test_the_front_page_is_where_the_settings_say(app, client, monkeypatch, site, home):
    monkeypatch.setitem(app.config, "CMS", replace(app.config["CMS"], site_url=site))
    assert mapped(client.get(SITEMAP).data) == {home: {}}


def test_a_part_of_which_nothing_is_to_be_found_names_the_front_page(admin, client, monkeypatch):
    monkeypatch.setattr(sitemaps, "MOST_URLS", 1)
    monkeypatch.setattr(sitemaps, "PART", 1)
    building.published_post(admin, seo={"noindex": True})
    post = building.published_post(admin)

    parts = [mapped(client.get(f"{SITEMAP}?part={number}").data) for number in (1, 2)]

    assert parts == [{HOME: {}}, {f"{SITE}/{post['slug']}": {}}]


def test_a_large_site_has_an_index_of_parts_that_together_are_everything(
    admin, client, monkeypatch
):
    monkeypatch.setattr(sitemaps, "MOST_URLS", 4)
    monkeypatch.setattr(sitemaps, "PART", 2)
    secrets(admin)
    for number in range(5):
        building.published_post(admin, locale="es" if number == 4 else "en")
    building.published_post(admin, seo={"noindex": True})

    index = mapped(client.get(SITEMAP).data)
    parts = [mapped(client.get(url.removeprefix("http://api.example.org")).data) for url in index]

    assert len(parts) >= 4
    assert all(len(part) <= 2 for part in parts)
    urls = [url for part in parts for url in part if url != HOME]
    assert len(urls) == len(set(urls)) == 5
    assert client.get(f"{SITEMAP}?part={len(parts) + 1}").status_code == 404
    assert client.get(f"{SITEMAP}?part=0").status_code == 400


def test_the_sitemap_of_a_locale_names_what_is_public_in_it(admin, client):
    secrets(admin)
    building.post(admin, locale="es", title=HIDDEN)
    post = building.published_post(admin)
    other = building.published_post(admin, locale="es", translation_of=post["id"])
    languages = {one["locale"]: f"{SITE}/{one['slug']}" for one in (post, other)}

    for locale, url in languages.items():
        assert mapped(client.get(f"{SITEMAP}?locale={locale}").data) == {url: languages}
    assert client.get(f"{SITEMAP}?locale=*").data == client.get(SITEMAP).data


def test_the_index_of_a_locale_leads_to_parts_of_that_locale(admin, client, monkeypatch):
    monkeypatch.setattr(sitemaps, "MOST_URLS", 2)
    monkeypatch.setattr(sitemaps, "PART", 2)
    building.published_post(admin)
    spanish = {f"{SITE}/{building.published_post(admin, locale='es')['slug']}" for _ in range(3)}

    index = mapped(client.get(f"{SITEMAP}?locale=es").data)
    parts = [mapped(client.get(url.removeprefix("http://api.example.org")).data) for url in index]

    assert list(index) == [f"http://api.example.org{SITEMAP}?part={n}&locale=es" for n in (1, 2)]
    assert {url for part in parts for url in part} == spanish
    assert client.get(f"{SITEMAP}?part=3&locale=es").status_code == 404
    # One post needs no index.
    assert len(mapped(client.get(f"{SITEMAP}?locale=en").data)) == 1
    assert client.get(f"{SITEMAP}?part=1&locale=en").status_code == 404


@pytest.mark.parametrize(
    "query", ["locale=fr", "locale=", "locale=es&locale=en", "part=1&locale=x"]
)
def test_the_sitemap_refuses_a_locale_that_the_site_does_not_have(client, query):
    answer = client.get(f"{SITEMAP}?{query}")

    assert (answer.status_code, answer.json["reason"]) == (400, "bad_parameter")
    assert answer.json["errors"][0]["pointer"] == "locale"
