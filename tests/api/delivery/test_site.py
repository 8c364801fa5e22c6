"""What a frontend needs to know first."""

import pytest


def test_the_site_says_what_a_frontend_needs_first(client):
    response = client.get("/api/v1/site")

    assert response.status_code == 200
    assert list(response.json["data"]) == [
        "name",
        "description",
        "url",
        "api_url",
        "post_url",
        "locales",
        "default_locale",
        "logo",
    ]


def test_the_site_names_its_languages_and_addresses(client):
    site = client.get("/api/v1/site").json["data"]

    assert (site["locales"], site["default_locale"]) == (["en", "es"], "en")
    assert site["api_url"] == "http://api.example.org"
    assert site["post_url"] == "https://www.example.org/posts/{slug}"
    assert site["logo"] is None


@pytest.mark.parametrize("locale", ["en", "es"])
def test_the_site_is_the_same_in_each_of_its_locales(client, locale):
    response = client.get(f"/api/v1/site?locale={locale}")

    assert (response.status_code, response.json) == (200, client.get("/api/v1/site").json)


@pytest.mark.parametrize("query", ["locale=fr", "locale=*", "locale="])
def test_the_site_refuses_a_locale_that_is_none_of_its_own(client, query):
    response = client.get(f"/api/v1/site?{query}")

    assert (response.status_code, response.json["reason"]) == (400, "bad_parameter")
    assert response.json["errors"][0]["pointer"] == "locale"


def test_the_site_takes_no_other_parameter(client):
    response = client.get("/api/v1/site?limit=1")

    assert (response.status_code, response.json["reason"]) == (400, "bad_parameter")


def test_pages_of_any_origin_may_read_every_public_list(client):
    for name in ("site", "posts", "faqs", "tags", "categories", "authors"):
        response = client.get(f"/api/v1/{name}", headers={"Origin": "https://reader.example"})
        assert response.headers["Access-Control-Allow-Origin"] == "*", name
        assert response.headers["Vary"] == "Accept-Encoding"
