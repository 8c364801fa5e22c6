"""The graph of schema.org, read by a JSON-LD processor that is not of this project."""

from itertools import chain
from typing import Any

import pytest
from pyld import jsonld

from tests import building, commenting
from tests.building import ANY
from tests.content.test_feeds import HOSTILE

SCHEMA = "https://schema.org/"
# What schema.org defines for each type, as far as it is used here.
WORK = "author citation comment commentCount dateModified datePublished description headline image"
WORK += " inLanguage keywords mainEntityOfPage name publisher text url identifier"
PROPERTIES = {
    "Article": f"{WORK} articleSection wordCount",
    "MedicalWebPage": f"{WORK} breadcrumb lastReviewed reviewedBy",
    "FAQPage": f"{WORK} mainEntity",
    "Question": f"{WORK} acceptedAnswer",
    "Answer": WORK,
    "Comment": f"{WORK} dateCreated parentItem",
    "CreativeWork": WORK,
    "BreadcrumbList": "itemListElement name",
    "ListItem": "item name position",
    "ImageObject": "caption height name url width",
    "Organization": "logo name url",
    "Person": "honorificSuffix name url",
    "PropertyValue": "name propertyID value",
}
TERMS = {*PROPERTIES, *" ".join(PROPERTIES.values()).split()}
LINKS = {"url", "item", "logo", "mainEntityOfPage"}


def known(_url: str, _options: Any = None) -> dict[str, Any]:
    """The context of schema.org, without asking schema.org."""
    terms = {term: f"{SCHEMA}{term}" for term in TERMS}
    links = {term: {"@id": f"{SCHEMA}{term}", "@type": "@id"} for term in LINKS}
    return {"contextUrl": None, "documentUrl": SCHEMA, "document": {"@context": terms | links}}


def flattened(graph: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The nodes of a graph by type. No word is unknown, and no reference leads nowhere."""
    options, dropped = {"documentLoader": known}, []
    jsonld.expand(graph, options, on_property_dropped=dropped.append)
    assert dropped == []
    nodes = jsonld.flatten(graph, None, options)
    found: dict[str, list[dict[str, Any]]] = {}
    for node in nodes:
        (kind,) = node["@type"]
        found.setdefault(kind.removeprefix(SCHEMA), []).append(node)
    check_words(found)
    check_references(nodes)
    return found


def check_words(found: dict[str, list[dict[str, Any]]]) -> None:
    for kind, nodes in found.items():
        used = {name.removeprefix(SCHEMA) for node in nodes for name in node if name[0] != "@"}
        assert used <= set(PROPERTIES[kind].split()), kind


def check_references(nodes: list[dict[str, Any]]) -> None:
    ids = {node["@id"] for node in nodes}
    values = chain.from_iterable(value for node in nodes for value in node.values())
    links = {one["@id"] for one in values if isinstance(one, dict) and "@id" in one}
    assert not [one for one in links - ids if "#" in one or one.startswith("_:")]


def said(node: dict[str, Any], name: str) -> list[Any]:
    return [one.get("@value", one.get("@id")) for one in node.get(SCHEMA + name, [])]


def graph_of(client, post: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    answer = client.get(f"/api/v1/posts/{post['slug']}?fields=jsonld")
    assert list(answer.json["data"]) == ["jsonld"]
    return flattened(answer.json["data"]["jsonld"])


@pytest.fixture
def rich(admin, moderator) -> dict[str, Any]:
    """A post with something of everything."""
    top = building.category(admin, name="Top")
    faq = building.published_faq(admin, question="Why?")
    filed = {"category_id": building.category(admin, name="Below", parent_id=top["id"])["id"]}
    filed |= {"tag_ids": [building.tag(admin, name="A tag")["id"]]}
    filed |= {"author_ids": [building.author(admin, name="An author", credentials="LMT")["id"]]}
    filed |= {"hero_media_id": building.media(admin, alt="A picture")["id"]}
    filed |= {"sources": [building.source(title="A study", doi="10.1000/182", year=2021)]}
    post = building.post(admin, title="The title", **filed)
    url = f"/api/v1/manage/posts/{post['id']}"
    admin.put(f"{url}/faqs", json={"faq_ids": [faq["id"]]}, headers=ANY)
    post = building.publish(admin, post)
    first = commenting.approved(moderator, post, body="First")
    commenting.approved(moderator, post, body="Answer", parent_id=first)
    return post


def test_an_article_is_told_with_all_that_belongs_to_it(client, rich):
    found = graph_of(client, rich)

    (article,), (crumbs,), (faq,) = (found[k] for k in ("Article", "BreadcrumbList", "FAQPage"))
    assert said(article, "headline") == ["The title"]
    assert said(article, "url") == [f"https://www.example.org/posts/{rich['slug']}"]
    assert said(article, "commentCount") == [2]
    assert [said(one, "name") for one in found["ListItem"]] == [
        ["Medical Massage"],
        ["Top"],
        ["Below"],
        ["The title"],
    ]
    assert [said(one, "text") for one in found["Comment"]] == [["First"], ["Answer"]]
    assert said(found["Comment"][1], "parentItem") == [found["Comment"][0]["@id"]]
    assert [said(one, "name") for one in found["Question"]] == [["Why?"]]
    assert said(found["CreativeWork"][0], "url") == ["https://doi.org/10.1000/182"]
    assert "MedicalWebPage" not in found
    assert len({node["@id"] for node in (article, crumbs, faq)}) == 3


def test_a_removed_comment_is_not_told_and_its_answers_are(client, moderator, rich):
    first, _ = graph_of(client, rich)["Comment"]
    article = said(first, "parentItem")
    url = f"/api/v1/manage/comments/{first['@id'].partition('#comment-')[2]}"
    assert moderator.patch(url, json={"status": "spam"}, headers=ANY).status_code == 200

    (answer,) = graph_of(client, rich)["Comment"]

    assert (said(answer, "text"), said(answer, "parentItem")) == (["Answer"], article)


def test_a_reviewed_text_is_a_medical_page(admin, client, rich):
    reviewer = building.author(admin, name="A doctor", credentials="MD")
    review = building.review(admin, reviewed_by=reviewer["id"], reviewed_on="2024-05-01")
    url = f"/api/v1/manage/posts/{rich['id']}/review"
    assert admin.post(url, json=review, headers=ANY).status_code == 200

    found = graph_of(client, rich)

    (page,) = found["MedicalWebPage"]
    people = {node["@id"]: node for node in found["Person"]}
    (doctor,) = said(page, "reviewedBy")
    assert said(page, "lastReviewed") == ["2024-05-01"]
    assert (said(people[doctor], "name"), said(people[doctor], "honorificSuffix")) == (
        ["A doctor"],
        ["MD"],
    )
    assert len(said(page, "citation")) == 1
    assert "Article" not in found


def test_words_stay_words_and_lists_have_no_graph(admin, client):
    for text in [*HOSTILE, "@id", "https://schema.org/Thing"]:
        post = building.published_post(admin, title=text, excerpt=text)
        (article,) = graph_of(client, post)["Article"]
        # A title holds nothing that turns a line around.
        named = text.replace("\u202e", "")
        assert (said(article, "headline"), said(article, "description")) == ([named], [text])
    answer = client.get("/api/v1/posts?include=jsonld")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (400, "include")
