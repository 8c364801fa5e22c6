"""The sources of a post: checked when they are written, frozen when it is published."""

from datetime import UTC, datetime

import pytest

from cms.extensions import db
from cms.models import Revision
from tests import building
from tests.api.refusals import assert_problem, contents
from tests.building import ANY, markdown, source

POSTS = "/api/v1/manage/posts"
THIS_YEAR = datetime.now(UTC).year
EMPTY = dict.fromkeys(["url", "doi", "pmid", "publisher", "year", "accessed_on"])
FULL = {
    "title": "Massage therapy for people with multiple sclerosis",
    "url": "https://www.example.org/study?id=1",
    "doi": "10.1002/(SICI)1097-4679(199911)55:11<1325::AID-JCLP1>3.0.CO;2-G",
    "pmid": "12345678",
    "publisher": "A journal",
    "year": 2021,
    "accessed_on": "2024-05-01",
}


def cited(editor, body="Warmth helps.[^s1]", sources=()):
    return building.post(editor, body=markdown(body), sources=list(sources))


def publish(editor, post):
    return editor.put(f"{POSTS}/{post['id']}/publication", json={}, headers=ANY)


def public(client, post):
    return client.get(f"/api/v1/posts/{post['slug']}").json["data"]


class TestWriting:
    def test_everything_that_was_given_is_kept(self, editor):
        post = building.post(editor, sources=[FULL, source(title="Bare")])

        assert post["sources"] == [FULL, EMPTY | {"title": "Bare"}]

    def test_a_change_makes_a_revision_and_the_same_again_none(self, editor):
        post = building.post(editor, sources=[FULL])
        url = f"{POSTS}/{post['id']}"

        again = editor.patch(url, json={"sources": [FULL]}, headers=ANY).json["data"]
        other = editor.patch(url, json={"sources": []}, headers=ANY).json["data"]

        assert (again["revision"], other["revision"]) == (post["revision"], post["revision"] + 1)

    def test_a_revision_keeps_them(self, app, editor):
        post = building.post(editor, sources=[FULL])

        with app.app_context():
            kept = db.session.get(Revision, (post["id"], post["revision"]))

        assert kept.fields["sources"] == [FULL]

    def test_two_hundred_are_taken_and_one_more_is_not(self, app, editor):
        post = building.post(editor)
        url, before = f"{POSTS}/{post['id']}", contents(app)

        answer = editor.patch(url, json={"sources": [source()] * 201}, headers=ANY)

        assert_problem(answer, 422, "validation_failed")
        assert contents(app) == before
        taken = editor.patch(url, json={"sources": [source()] * 200}, headers=ANY)
        assert len(taken.json["data"]["sources"]) == 200

    @pytest.mark.parametrize("year", [1500, THIS_YEAR, THIS_YEAR + 1])
    def test_a_source_may_be_of_any_year_up_to_the_next(self, editor, year):
        assert building.post(editor, sources=[source(year=year)])["sources"][0]["year"] == year


WRONG = [
    ({"title": ""}, "title"),
    ({"title": " "}, "title"),
    ({"title": None}, "title"),
    ({"title": "x" * 501}, "title"),
    ({"url": "ftp://example.org"}, "url"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"url": "example.org"}, "url"),
    ({"url": ""}, "url"),
    ({"doi": "https://doi.org/10.1000/182"}, "doi"),
    ({"doi": "10.1000"}, "doi"),
    ({"doi": "10.1/x"}, "doi"),
    ({"doi": "10.1000/a b"}, "doi"),
    ({"doi": "10.1000/182\n"}, "doi"),
    ({"doi": ""}, "doi"),
    ({"pmid": "PMID123"}, "pmid"),
    ({"pmid": "0"}, "pmid"),
    ({"pmid": "123456789"}, "pmid"),
    ({"pmid": "١٢٣"}, "pmid"),
    ({"pmid": 123}, "pmid"),
    ({"publisher": ""}, "publisher"),
    ({"year": 1499}, "year"),
    ({"year": THIS_YEAR + 2}, "year"),
    ({"year": "2021"}, "year"),
    ({"year": 2021.5}, "year"),
    ({"year": True}, "year"),
    ({"accessed_on": "2024-02-30"}, "accessed_on"),
    ({"accessed_on": "May 2024"}, "accessed_on"),
    ({"number": 1}, "number"),
]


@pytest.mark.parametrize(("fields", "name"), WRONG, ids=str)
def test_a_wrong_source_is_named_and_changes_nothing(app, editor, fields, name):
    post = building.post(editor, sources=[source(title="Kept")])
    before = contents(app)

    values = {"sources": [source(), source(**fields)]}
    answer = editor.patch(f"{POSTS}/{post['id']}", json=values, headers=ANY)

    found = assert_problem(answer, 422, "validation_failed")
    assert [fault["pointer"] for fault in found["errors"]] == [f"/sources/1/{name}"]
    assert contents(app) == before


@pytest.mark.parametrize("values", [None, {}, "one", [None], ["one"], [{}]])
def test_sources_are_a_list_of_objects(editor, values):
    answer = editor.patch(
        f"{POSTS}/{building.post(editor)['id']}", json={"sources": values}, headers=ANY
    )

    assert_problem(answer, 422, "validation_failed")


class TestPublished:
    def test_sources_are_numbered_in_order(self, editor, client):
        post = cited(editor, sources=[FULL, source(title="Bare")])
        publish(editor, post)

        found = public(client, post)["sources"]

        assert found == [FULL | {"number": 1}, EMPTY | {"title": "Bare", "number": 2}]

    @pytest.mark.parametrize(
        ("fields", "url"),
        [
            ({"doi": "10.1000/182"}, "https://doi.org/10.1000/182"),
            ({"doi": "10.1000/a<b>%#?"}, "https://doi.org/10.1000/a%3Cb%3E%25%23%3F"),
            ({"pmid": "123"}, "https://pubmed.ncbi.nlm.nih.gov/123/"),
            ({"doi": "10.1000/182", "pmid": "123"}, "https://doi.org/10.1000/182"),
            ({"url": "https://x.example.org/", "doi": "10.1000/182"}, "https://x.example.org/"),
            ({}, None),
        ],
        ids=str,
    )
    def test_an_address_is_made_where_none_is_given(self, editor, client, fields, url):
        post = cited(editor, sources=[source(**fields)])
        publish(editor, post)

        assert public(client, post)["sources"][0]["url"] == url

    def test_what_readers_see_is_frozen(self, editor, client):
        post = cited(editor, sources=[source(title="Old")])
        publish(editor, post)
        values = {"sources": [source(title="New")]}
        editor.patch(f"{POSTS}/{post['id']}", json=values, headers=ANY)

        assert [one["title"] for one in public(client, post)["sources"]] == ["Old"]

        publish(editor, post)
        assert [one["title"] for one in public(client, post)["sources"]] == ["New"]

    def test_a_list_of_posts_does_not_hold_them(self, editor, client):
        publish(editor, cited(editor, sources=[FULL]))

        assert "sources" not in client.get("/api/v1/posts").json["data"][0]


class TestCiting:
    def test_a_cited_source_is_linked_to(self, editor, client):
        post = cited(editor, sources=[FULL])
        publish(editor, post)

        assert '<a href="#source-1">[1]</a>' in public(client, post)["body"]["html"]

    def test_what_nothing_lists_can_not_be_published(self, app, editor):
        post = cited(editor, body="One[^s1], two[^s2], three[^s3].", sources=[FULL])
        before = contents(app)

        found = assert_problem(publish(editor, post), 409, "not_publishable")

        fault = {"pointer": "/body/source", "detail": "The text cites source 2, and there are 1."}
        assert fault in found["errors"]
        assert contents(app) == before

    def test_a_faq_has_no_sources_to_cite(self, editor):
        faq = building.faq(editor, answer=markdown("So.[^s1]"))

        answer = editor.put(f"/api/v1/manage/faqs/{faq['id']}/publication", json={}, headers=ANY)

        found = assert_problem(answer, 409, "not_publishable")
        assert [fault["pointer"] for fault in found["errors"]] == ["/answer/source"]

    def test_a_source_that_nothing_cites_is_no_fault(self, editor):
        post = cited(editor, body="Nothing cited.", sources=[FULL])

        assert publish(editor, post).status_code == 200


def test_an_address_can_not_end_an_attribute(editor):
    url = 'https://a.example/"><script>'

    post = building.post(editor, sources=[source(url=url)])

    assert post["sources"][0]["url"] == "https://a.example/%22%3E%3Cscript%3E"
