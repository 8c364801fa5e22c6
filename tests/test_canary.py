"""Nothing that is not public shows: not in any answer, and not by asking cleverly.

A site gets secrets everywhere. Then every public address of the description is read in every way
that it can be asked for, and the answers are those of the site without them.
"""

import itertools
import re

import pytest

from tests.building import NOWHERE
from tests.canaries import OPEN, Site
from tests.public_reading import public_gets, seen

pytestmark = pytest.mark.thorough

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
    "include": ["related,comments", "jsonld"],
    "body": ["html,markdown,text,blocks"],
    "parent": [NOWHERE],
    "cursor": [],
    "fields": ["title,tags", "author"],
}
# Answers that are others each time.
FRESH = ("/comment-form", "/sync")


@pytest.fixture
def site(app):
    return Site(app)


@pytest.fixture
def planted(site):
    site.plant()
    return site


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


def lasting(answers):
    """What is seen of those answers that are the same each time."""
    there = {url: one for url, one in answers.items() if not any(part in url for part in FRESH)}
    return {url: seen(answer) for url, answer in there.items()}


@pytest.mark.threat("A2")
class TestTheCanary:
    def test_is_in_no_public_answer_and_changes_none(self, client, site):
        before = lasting(crawl(client))

        site.plant()

        answers = crawl(client)
        assert len(answers) > 500
        for url, answer in answers.items():
            text = answer.text + str(answer.headers)
            found = [place for place, word in site.planted.items() if word in text]
            assert not found, (url, found)
        assert lasting(answers) == before

    def test_would_be_found_if_it_were_there(self, client, planted):
        """Editors find every text: the words were really planted."""
        pages = ["posts", "posts?status=trashed", "faqs", "comments", "users", "media"]
        entries = [f"posts/{one['id']}" for one in (planted.live, planted.other)]
        pages += [f"{one}/revisions" for one in [*entries, f"faqs/{planted.live_faq['id']}"]]
        asked = [f"{one}{'&' if '?' in one else '?'}limit=100" for one in pages]
        shown = "".join(planted.admin.get(f"/api/v1/manage/{one}").text for one in asked)
        hidden = re.compile(r"redacted|note o|email, |token|session|hash")

        for place, word in planted.planted.items():
            assert word in shown or hidden.search(place), place
