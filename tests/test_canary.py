"""Nothing that is not public shows: not in any answer, and not by asking cleverly.

A site gets secrets everywhere. Then every public address of the description is read in every way
that it can be asked for, and the answers are those of the site without them.
"""

import itertools
import re
from urllib.parse import quote

import pytest

from tests import commenting
from tests.building import NOWHERE
from tests.canaries import OPEN, Site

LOCALES = ["en", "es"]
SLUGS = {
    "posts": [OPEN, "other-post", "otro"],
    "faqs": ["open-faq"],
    "tags": ["open-tag"],
    "categories": ["open-category"],
    "authors": ["open-author"],
}
# What each parameter is asked with, besides what the description allows.
VALUES = {
    "limit": ["1", "20"],
    "total": ["true"],
    "locale": [*LOCALES, "*"],
    "slug": SLUGS["posts"],
    "post": SLUGS["posts"],
    "tag": SLUGS["tags"],
    "category": SLUGS["categories"],
    "author": SLUGS["authors"],
    "published_after": ["2000-01-01T00:00:00Z"],
    "published_before": ["2900-01-01T00:00:00Z"],
    "updated_after": ["2000-01-01T00:00:00Z"],
    "include": ["related,comments"],
    "body": ["html,markdown,text,blocks"],
    "parent": [NOWHERE],
    "cursor": [],
    "fields": ["title,tags", "author"],
}
# An answer that is another one each time.
FRESH = "/comment-form"


@pytest.fixture
def site(app):
    return Site(app)


@pytest.fixture
def planted(site):
    site.plant()
    return site


def public_gets(client):
    """The path of each public GET of the description, and its parameters."""
    document = client.get("/api/v1/openapi.json").json
    for path, item in document["paths"].items():
        if "get" in item and {} in (item["get"].get("security") or [{}]):
            given = [*item.get("parameters", []), *item["get"].get("parameters", [])]
            yield path, [one for one in given if one["in"] == "query"]


def asked(path, parameters):
    """A path in every way that it can be asked for: up to two parameters at once."""
    kind = path.removeprefix("/api/v1/").split("/")[0]
    for slug in SLUGS[kind] if "{slug}" in path else [""]:
        url = path.replace("{slug}", slug)
        choices = [
            [f"{one['name']}={value}" for value in values_of(one)]
            for one in parameters
            if values_of(one)
        ]
        for number in range(3):
            for chosen in itertools.combinations(choices, number):
                for queries in itertools.product(*chosen):
                    yield url + ("?" + "&".join(queries) if queries else "")


def values_of(parameter):
    return VALUES.get(parameter["name"]) or parameter["schema"].get("enum", [])


def crawl(client):
    """Every public answer, by address, with the pages that follow."""
    found = {}
    for path, parameters in public_gets(client):
        for url in asked(path, parameters):
            while url and url not in found:
                found[url] = answer = client.get(url)
                links = (answer.json or {}).get("links", {})
                url = (links.get("next") or "").removeprefix("http://api.example.org")
    return found


def seen(answer):
    """What a reader can tell answers apart by."""
    varying = {"X-Request-Id", "Date"}
    headers = sorted((name, one) for name, one in answer.headers if name not in varying)
    return answer.status_code, headers, without_request_id(answer.text)


def without_request_id(text):
    return re.sub(r'"request_id":"[^"]*"', "", text)


class TestTheCanary:
    def test_is_in_no_public_answer_and_changes_none(self, client, site):
        before = {url: seen(answer) for url, answer in crawl(client).items() if FRESH not in url}

        site.plant()

        answers = crawl(client)
        assert len(answers) > 500
        for url, answer in answers.items():
            text = answer.text + str(answer.headers)
            found = [place for place, word in site.planted.items() if word in text]
            assert not found, (url, found)
        after = {url: seen(answer) for url, answer in answers.items() if FRESH not in url}
        assert after == before

    def test_would_be_found_if_it_were_there(self, client, planted):
        """Editors find every text: the words were really planted."""
        pages = ["posts", "faqs", "comments", "users", "media"]
        shown = "".join(planted.admin.get(f"/api/v1/manage/{one}?limit=100").text for one in pages)
        hidden = re.compile(r"note o|email, |token|session|hash")

        for place, word in planted.planted.items():
            assert word in shown or hidden.search(place), place


class TestAnAddress:
    @pytest.mark.parametrize("rest", ["", "/related", "/faqs", "/comments", "/comment-form"])
    def test_of_a_hidden_post_is_like_that_of_none(self, client, planted, rest):
        places = [*HIDDEN_POSTS, "Spanish draft"]
        for place, name, locale in itertools.product(places, ("slug", "id"), LOCALES):
            word = planted.planted.get(f"{place} {name}", NOWHERE)
            hidden = client.get(f"/api/v1/posts/{word}{rest}?locale={locale}")
            assert hidden.status_code == 404
            assert seen(hidden) == seen(
                client.get(f"/api/v1/posts/{wrong(word)}{rest}?locale={locale}")
            )

    def test_of_a_hidden_faq_is_like_that_of_none(self, client, planted):
        for place in HIDDEN_FAQS:
            word = planted.planted[f"{place} slug"]
            hidden = client.get(f"/api/v1/faqs/{word}")
            assert hidden.status_code == 404
            assert seen(hidden) == seen(client.get(f"/api/v1/faqs/{wrong(word)}"))

    def test_of_a_hidden_post_takes_no_comment(self, client, planted):
        for place in HIDDEN_POSTS:
            slug = planted.planted[f"{place} slug"]
            hidden = commenting.send(client, {"slug": slug})
            assert hidden.status_code == 404
            assert seen(hidden) == seen(commenting.send(client, {"slug": wrong(slug)}))

    @pytest.mark.parametrize("status", ["pending", "rejected", "spam", "trashed"])
    def test_of_a_hidden_comment_is_like_that_of_none(self, client, planted, status):
        comment_id = planted.planted[f"{status} comment id"]
        url = f"/api/v1/posts/{OPEN}/comments?parent="

        listed, nothing = client.get(url + comment_id), client.get(url + NOWHERE)
        answered = commenting.send(client, planted.live, parent_id=comment_id)

        assert listed.text.replace(comment_id, NOWHERE) == nothing.text
        assert answered.status_code == 422
        assert seen(answered) == seen(commenting.send(client, planted.live, parent_id=NOWHERE))


HIDDEN_POSTS = ["draft", "filed draft", "offline", "changed"]
HIDDEN_FAQS = ["draft FAQ", "tagged draft FAQ", "offline FAQ", "changed FAQ"]


def wrong(word):
    """Another word of the same shape."""
    return word.translate(str.maketrans("0123456789", "1234567890"))


class TestAQuestion:
    """A1: a field that is hidden is no filter, no sort and no search either."""

    def test_of_a_reader_is_answered_alike_for_right_and_wrong(self, client, planted):
        asker = Asker(client)
        for path, parameters in public_gets(client):
            if "{" in path or not parameters:
                continue
            names = [one["name"] for one in parameters]
            for name, word in itertools.product(names, guesses(planted)):
                answers = asker.ask(f"{path}?{name}=", word)
                assert answers[0] == answers[1], (path, name, word)

    def test_of_a_viewer_is_answered_alike_for_right_and_wrong(self, sign_in, planted):
        asker, private = Asker(sign_in("viewer")), re.compile(r"email$|user|hash|token|session")
        words = [word for place, word in planted.planted.items() if private.search(place)]
        words += [word for word in guesses(planted) if "@" in word]
        for kind, name, word in itertools.product(LISTS, ASKED, words):
            answers = asker.ask(f"/api/v1/manage/{kind}?limit=1&{name}=", word)
            assert answers[0] == answers[1], (kind, name, word)

    def test_of_a_reader_about_a_private_field_is_refused(self, client, site):
        for query, place in itertools.product(private_questions(), ["", f"/{OPEN}"]):
            assert client.get(f"/api/v1/posts{place}?{query}").status_code == 400, query
            assert client.get(f"/api/v1/posts/{OPEN}/comments?{query}").status_code == 400, query

    def test_of_a_viewer_about_a_private_field_is_refused(self, sign_in):
        viewer = sign_in("viewer")
        for query, kind in itertools.product(private_questions(), LISTS):
            # Moderators may look for an address, so there it is a question of rights.
            expected = 403 if (query, kind) == ("email=x", "comments") else 400
            answer = viewer.get(f"/api/v1/manage/{kind}?{query}")
            assert answer.status_code == expected, (query, kind)


def private_questions():
    for name, form in itertools.product(FIELDS, FORMS):
        for parameter in ("sort={}", "fields={}", "include={}", "{}=x"):
            yield parameter.format(quote(form.format(name)))


FORMS = ["{}", "-{}", "author.{}", "{}__startswith", "created_by.{}"]
# Columns that no reader knows, spelled as filters.
FIELDS = [
    *("email", "password_hash", "password", "digest", "token", "network", "user_agent", "note"),
    *("body_source", "body_html", "status_reason", "created_by.email", "author.email"),
    *("filter[email]", "email[startswith]", "filter[title][contains]", "where", "search"),
]
ASKED = ["q", "post", "tag", "author", "status", "sort", "cursor"]
LISTS = ["posts", "faqs", "tags", "categories", "authors", "comments"]


def guesses(site):
    """Each secret: it would match a filter for the whole, for a part, and for the beginning."""
    words = {place: word for place, word in site.planted.items() if "email, " not in place}
    addresses = [f"{word}@example.org" for place, word in words.items() if place.endswith("email")]
    return [*filter(str.isalnum, words.values()), *addresses]


class Asker:
    """One wrong guess of each shape is asked once only."""

    def __init__(self, client):
        self.client = client
        self.wrong = {}

    def ask(self, start, word):
        """The answers to a right and to a wrong guess, without what was asked."""
        key = start, re.sub("[a-f0-9]", "0", word)
        if key not in self.wrong:
            self.wrong[key] = self.answer(start, wrong(word))
        return self.answer(start, word), self.wrong[key]

    def answer(self, start, guess):
        answer = self.client.get(start + guess)
        return answer.status_code, without_request_id(answer.text).replace(guess, "")
