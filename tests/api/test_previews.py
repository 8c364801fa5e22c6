"""Preview links: the working copy, or the site to come, for who has the token and nobody else."""

import pytest
from sqlalchemy import update

from cms.database import transaction
from cms.extensions import db
from cms.models import PreviewLink
from cms.times import utc_now
from tests import building
from tests.api.refusals import contents
from tests.building import ANY

POSTS = "/api/v1/manage/posts"


def link(client, path):
    answer = client.post(f"/api/v1/manage/{path}/preview-links", json={"expires_in": 3600})
    assert answer.status_code == 201, answer.json
    return answer.json["data"]


def see(client, made, path=""):
    return client.get(f"/api/v1/preview/{made['token']}{path}")


@pytest.fixture
def live(editor):
    return building.published_post(editor, slug="one", title="Old")


@pytest.fixture
def edited(editor, live):
    tag = building.tag(editor, name="Warmth")
    changes = {"title": "New", "tag_ids": [tag["id"]]}
    editor.patch(f"{POSTS}/{live['id']}", json=changes, headers=ANY)
    return live


def test_a_working_copy_is_shown_as_it_would_be_published(client, editor, edited):
    made = link(editor, f"posts/{edited['id']}")

    answer = see(client, made)

    post = answer.json["data"]
    assert (post["title"], [tag["name"] for tag in post["tags"]]) == ("New", ["Warmth"])
    assert post["published_at"] == edited["published_at"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert made["url"].endswith(f"/api/v1/preview/{made['token']}")


def test_looking_changes_nothing(app, client, editor, edited):
    made = link(editor, f"posts/{edited['id']}")
    before = contents(app)

    see(client, made)

    assert contents(app) == before
    assert client.get("/api/v1/posts/one").json["data"]["title"] == "Old"


def test_a_draft_that_was_never_public_and_what_waits_are_shown(client, editor):
    draft = building.post(editor, title="Draft")
    plan = {"publish_at": "2500-01-01T00:00:00Z"}
    editor.put(f"{POSTS}/{draft['id']}/publication", json=plan, headers=ANY)

    assert see(client, link(editor, f"posts/{draft['id']}")).json["data"]["title"] == "Draft"


def test_fields_and_notations_are_chosen_as_in_public(client, editor, edited):
    made = link(editor, f"posts/{edited['id']}")

    assert see(client, made, "?fields=title").json["data"] == {"title": "New"}
    assert set(see(client, made, "?body=text").json["data"]["body"]) == {"text", "toc"}


def test_the_site_is_shown_as_it_will_stand(client, editor, edited):
    plan = {"publish_at": "2500-01-01T00:00:00Z"}
    editor.put(f"{POSTS}/{edited['id']}/publication", json=plan, headers=ANY)
    made = link(editor, "site")

    after = see(client, made, "/posts?at=2500-01-02T00:00:00Z&total=true").json
    assert ([one["title"] for one in after["data"]], after["meta"]["total"]) == (["New"], 1)
    assert [one["title"] for one in see(client, made, "/posts").json["data"]] == ["Old"]
    at = "/posts/one?at=2500-01-01T00:00:00Z"
    assert see(client, made, at).json["data"]["title"] == "New"
    assert (
        see(client, made, "/posts/one?at=2499-12-31T23:59:59.999Z").json["data"]["title"] == "Old"
    )


def test_the_past_is_not_shown(client, editor, live):
    refused = see(client, link(editor, "site"), "/posts?at=2020-01-01T00:00:00Z")

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (400, "at")


def test_each_link_shows_only_its_own(client, editor, live):
    site, post = link(editor, "site"), link(editor, f"posts/{live['id']}")

    assert see(client, site).status_code == 404
    assert see(client, post, "/posts").status_code == 404
    assert see(client, post, "/posts/one").status_code == 404


def test_a_tampered_token_is_unknown(client, editor, live):
    made = link(editor, f"posts/{live['id']}")
    last = "A" if made["token"][0] != "A" else "B"

    assert see(client, {"token": last + made["token"][1:]}).status_code == 404
    assert see(client, {"token": made["token"][:-1]}).status_code == 404


def statuses(client, post, site):
    return [see(client, post).status_code, see(client, site, "/posts").status_code]


@pytest.mark.threat("A8")
@pytest.mark.parametrize("end", ["suspended", "role", "removed"])
def test_the_links_of_who_is_not_let_in_any_more_end_with_that(client, admin, sign_in, live, end):
    leaver = sign_in("editor")
    made = link(leaver, f"posts/{live['id']}"), link(leaver, "site")
    assert [see(client, made[0]).status_code, see(client, made[1], "/posts").status_code] == [
        200
    ] * 2
    user = f"/api/v1/manage/users/{leaver.user_id}"

    changes = {"suspended": True} if end == "suspended" else {"role": "viewer"}
    sent = {"headers": ANY} | ({} if end == "removed" else {"json": changes})
    answer = admin.open(user, method="DELETE" if end == "removed" else "PATCH", **sent)

    assert answer.status_code < 300, answer.json
    assert [see(client, made[0]).status_code, see(client, made[1], "/posts").status_code] == [
        410
    ] * 2


def test_a_revoked_link_is_gone_at_once(client, editor, live):
    made = link(editor, f"posts/{live['id']}")

    assert editor.delete(f"/api/v1/manage/preview-links/{made['id']}").status_code == 204

    refused = see(client, made)
    assert (refused.status_code, refused.json["reason"]) == (410, "preview_over")
    assert editor.get(f"{POSTS}/{live['id']}/preview-links").json["data"] == []


def test_authors_end_their_own_alone(client, editor, live, sign_in):
    author = sign_in("author")
    links = [link(one, f"posts/{live['id']}") for one in (editor, author)]

    answers = [author.delete(f"/api/v1/manage/preview-links/{one['id']}") for one in links]

    assert [one.status_code for one in answers] == [403, 204]
    assert [see(client, one).status_code for one in links] == [200, 410]


def test_an_expired_link_is_gone(app, client, editor, live):
    made = link(editor, f"posts/{live['id']}")
    with app.app_context(), transaction():
        db.session.execute(update(PreviewLink).values(expires_at=utc_now()))

    assert see(client, made).status_code == 410


def test_links_are_listed_without_their_tokens(editor, live):
    made = link(editor, f"posts/{live['id']}")

    listed = editor.get(f"{POSTS}/{live['id']}/preview-links")

    assert [one["id"] for one in listed.json["data"]] == [made["id"]]
    assert made["token"] not in listed.text


@pytest.mark.parametrize("seconds", [0, 59, 30 * 24 * 3600 + 1, "3600", 1.5, None])
def test_a_life_that_can_not_be_is_refused(editor, live, seconds):
    url = f"{POSTS}/{live['id']}/preview-links"

    assert editor.post(url, json={"expires_in": seconds}).status_code == 422


def test_a_post_in_the_trash_is_not_shown(client, editor, live):
    made = link(editor, f"posts/{live['id']}")
    editor.delete(f"{POSTS}/{live['id']}", headers=ANY)

    assert see(client, made).status_code == 404


def test_the_address_of_a_link_leads_to_what_it_shows(client, editor, edited):
    for of, slug in ((f"posts/{edited['id']}", False), ("site", True)):
        made = link(editor, of)
        path = made["url"].removeprefix("http://api.example.org")
        found = client.get(path).json["data"]
        assert [one["id"] for one in (found if slug else [found])] == [edited["id"]]
