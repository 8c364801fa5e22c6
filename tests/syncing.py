"""A reader who keeps a copy of the public site by `/sync` alone."""

from typing import Any

from flask.testing import FlaskClient

URL = "/api/v1/sync"


class Copy:
    """What a reader has, by kind and id, and the token of what comes next."""

    def __init__(self, client: FlaskClient, locale: str = "en", limit: int = 100) -> None:
        self.client, self.locale, self.limit = client, locale, limit
        self.token: str | None = None
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}

    def pull(self) -> list[tuple[str, str, str]]:
        """Take in all that there is; answer `(op, kind, slug)` of each."""
        seen, more = [], True
        while more:
            page = self.page()
            seen += [(one["op"], one["kind"], one["slug"]) for one in page["data"]]
            more = page["meta"]["more"]
        return seen

    def page(self) -> dict[str, Any]:
        query = {"locale": self.locale, "limit": self.limit}
        query |= {"since": self.token} if self.token else {}
        answer = self.client.get(URL, query_string=query)
        assert answer.status_code == 200, answer.json
        for one in answer.json["data"]:
            self.take(one)
        self.token = answer.json["meta"]["next"]
        return answer.json

    def take(self, one: dict[str, Any]) -> None:
        key = one["kind"], one["id"]
        if one["op"] == "delete":
            self.documents.pop(key, None)
        else:
            assert (one["id"], one["slug"]) == (one["document"]["id"], one["document"]["slug"])
            self.documents[key] = one["document"]

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        return {name: one for (what, name), one in self.documents.items() if what == kind}


def fresh(copy: Copy) -> dict[tuple[str, str], dict[str, Any]]:
    """What somebody has who begins now."""
    other = Copy(copy.client, copy.locale)
    other.pull()
    return other.documents


def assert_as_delivered(copy: Copy) -> None:
    """That a copy is the public site: every post and FAQ in it, and each as delivery shows it."""
    posts, faqs = copy.of("post"), copy.of("faq")
    assert {one["id"] for one in listed(copy, "/posts")} == set(posts)
    assert {one["id"] for one in listed(copy, "/faqs")} == set(faqs)
    for post in posts.values():
        assert_same(copy, post, f"/posts/{post['slug']}", {"previous", "next"})
    for faq in faqs.values():
        assert_same(copy, faq, f"/faqs/{faq['slug']}", {"posts"})


def listed(copy: Copy, path: str) -> list[dict[str, Any]]:
    found, url = [], f"/api/v1{path}?limit=100&locale={copy.locale}"
    while url:
        page = copy.client.get(url).json
        found += page["data"]
        url = (page["links"]["next"] or "").removeprefix("http://api.example.org")
    return found


def assert_same(copy: Copy, document: dict[str, Any], path: str, without: set[str]) -> None:
    answer = copy.client.get(f"/api/v1{path}?locale={document['locale']}")
    shown = {name: one for name, one in answer.json["data"].items() if name not in without}
    assert shown == as_shown(copy, document)


def as_shown(copy: Copy, document: dict[str, Any]) -> dict[str, Any]:
    """A document with what it names by ids in the place of the ids."""
    shown = dict(document)
    tags = [copy.of("tag")[one] for one in shown.pop("tag_ids")]
    shown["tags"] = [{"slug": tag["slug"], "name": tag["name"]} for tag in tags]
    if "faq_ids" in shown:
        shown |= parts_of_a_post(copy, shown)
    return shown


def parts_of_a_post(copy: Copy, shown: dict[str, Any]) -> dict[str, Any]:
    category = copy.of("category").get(shown.pop("category_id"))
    faqs = [copy.of("faq")[one] for one in shown.pop("faq_ids")]
    names = ("id", "slug", "question", "answer")
    review = shown["review"] and dict(shown["review"])
    if review:
        review["reviewed_by"] = byline(copy, review.pop("reviewed_by_id"))
    return {
        "category": category and {name: category[name] for name in ("slug", "name")},
        "authors": [byline(copy, one) for one in shown.pop("author_ids")],
        "faqs": [{name: faq[name] for name in names} for faq in faqs],
        "review": review,
    }


def byline(copy: Copy, author_id: str) -> dict[str, Any]:
    return {name: copy.of("author")[author_id][name] for name in ("slug", "name", "credentials")}
