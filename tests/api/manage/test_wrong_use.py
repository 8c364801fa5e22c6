"""Each way in which an editor can be wrong is refused for its reason, and changes nothing."""

import re
from typing import Any

import pytest
from sqlalchemy import update

from cms.database import transaction
from cms.extensions import db
from cms.models import PreviewLink
from cms.times import utc_now
from tests import building, commenting
from tests.api.manage.wrong_use import BODIES, LATER, LATEST, NOT_A_VERSION, WRONG, Row
from tests.api.refusals import assert_problem, contents
from tests.building import ANY, markdown
from tests.emptying import emptied

MANAGE = "/api/v1/manage"


@pytest.fixture(scope="module")
def app(migrated):
    return emptied(migrated)


@pytest.fixture(scope="module")
def people(app):
    roles = ("editor", "author", "admin")
    return {one: building.signed_in(app, one) for one in roles} | {"stranger": app.test_client()}


@pytest.fixture(scope="module")
def site(app, people):
    """What a row may name: ids, and tokens of previews."""
    editor = people["editor"]
    known = filed(editor) | planned(people)
    return known | previewed(app, editor, known["live"]) | versioned_things(people, known)


def filed(editor):
    """Terms and files that are all in use."""
    hero, inline, photo = (building.media(editor)["id"] for _ in range(3))
    tag, writer = building.tag(editor)["id"], building.author(editor, photo_media_id=photo)["id"]
    top = building.category(editor)["id"]
    middle = building.category(editor, parent_id=top)["id"]
    bottom = building.category(editor, parent_id=middle)["id"]
    live = building.post(
        editor,
        slug="live",
        body=markdown(f"![](media:{inline})"),
        tag_ids=[tag],
        author_ids=[writer],
        category_id=bottom,
        hero_media_id=hero,
    )
    reviewer = building.author(editor, credentials="MD")["id"]
    said = building.review(editor, reviewed_by=reviewer)
    editor.post(f"{MANAGE}/posts/{live['id']}/review", json=said, headers=ANY)
    found = {"top": top, "middle": middle, "bottom": bottom, "tag": tag, "writer": writer}
    found |= {"hero": hero, "inline": inline, "photo": photo, "reviewer": reviewer}
    return found | {"live": building.publish(editor, live)["id"]}


def planned(people):
    """Drafts, and what waits for LATER: over nothing, over a live text, and until LATEST."""
    editor, author = people["editor"], people["author"]
    both = building.published_post(editor)
    made = {
        "waiting": building.post(editor),
        "both": both,
        "waiting_faq": building.faq(editor),
        "authors_waiting": building.post(author),
        "authors_waiting_faq": building.faq(author),
    }
    for entry in made.values():
        end = {"unpublish_at": LATEST} if "question" in entry else {}
        building.publish(editor, entry, publish_at=LATER, **end)
    made |= {
        "draft": building.post(editor, slug="draft"),
        "draft_faq": building.faq(editor),
        "faq": building.published_faq(editor),
        "authors_live": building.publish(editor, building.post(author)),
        "authors_live_faq": building.publish(editor, building.faq(author)),
    }
    return {name: entry["id"] for name, entry in made.items()}


def versioned_things(people, known):
    """What the paths of changes name, by the names that the description has for it."""
    editor, admin = people["editor"], people["admin"]
    building.corrected(editor, known["live"], title="Corrected")
    texts = editor.get(f"{MANAGE}/posts/{known['live']}/history").json["data"]
    live = editor.get(f"{MANAGE}/posts/{known['live']}").json["data"]
    return {
        "post_id": known["live"],
        "entry_id": known["live"],
        "faq_id": known["faq"],
        "tags": known["tag"],
        "categories": known["top"],
        "authors": known["writer"],
        "media_id": known["hero"],
        "number": "1",
        "text_id": f"{texts[-1]['id']}?reason=x",
        "comment_id": commenting.leave(people["stranger"], live),
        "webhook_id": building.webhook(admin)["id"],
        "user_id": people["author"].user_id,
    }


def previewed(app, editor, post_id):
    """Links to previews: good ones, some that have ended, and what is nearly one."""
    of_posts, of_site = f"posts/{post_id}", "site"
    made = {one: link(editor, of_posts) for one in ("link", "other", "expired", "revoked")}
    made |= {one: link(editor, of_site) for one in ("site_link", "expired_site", "revoked_site")}
    for name in ("revoked", "revoked_site"):
        editor.delete(f"{MANAGE}/preview-links/{made[name]['id']}", headers=ANY)
    ended = PreviewLink.id.in_([made[one]["id"] for one in ("expired", "expired_site")])
    with app.app_context(), transaction():
        db.session.execute(update(PreviewLink).where(ended).values(expires_at=utc_now()))
    good, other = made["link"]["token"], made["other"]["token"]
    near = {"tampered": swapped(good), "cut": good[:-1], "two_halves": good[:20] + other[20:]}
    return {name: one["token"] for name, one in made.items()} | near


def link(editor, path):
    answer = editor.post(f"{MANAGE}/{path}/preview-links", json={"expires_in": 3600})
    return answer.json["data"]


def swapped(token):
    return token[:-2] + token[-1] + token[-2] if token[-1] != token[-2] else token.swapcase()


def filled(value: Any, site: dict[str, str]) -> Any:
    """A path or a body with the site's own in the place of each name."""
    if isinstance(value, dict):
        return {name: filled(one, site) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, site) for one in value]
    return value.format_map(site) if isinstance(value, str) else value


def ask(people, site, row, headers=ANY):
    start = "/api/v1/preview" if row.who == "stranger" else MANAGE
    path, body = filled(row.path, site), filled(row.body, site)
    more = {} if row.method in {"GET", "DELETE"} else {"json": body}
    return people[row.who].open(f"{start}/{path}", method=row.method, headers=headers, **more)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_refused_and_changes_nothing(app, people, site, row, name):
    before = contents(app)

    for wrong in WRONG[name]:
        with row(str(wrong)):
            assert_problem(ask(people, site, wrong), *wrong.refusal)

    assert contents(app) == before


def test_every_change_that_needs_a_version_refuses_any_other(app, people, site, row):
    before, changes = contents(app), list(versioned(app))
    assert len(changes) > 30

    for change in changes:
        for headers, *refusal in NOT_A_VERSION:
            with row(change.method, change.path, str(headers)):
                assert_problem(ask(people, site, change, headers), *refusal)

    assert contents(app) == before


def versioned(app):
    """Every change that the description says needs a version, about what the site has."""
    paths = app.test_client().get("/api/v1/openapi.json").json["paths"]
    for path, item in paths.items():
        for method, operation in item.items():
            if method in {"post", "put", "patch", "delete"} and needs_version(item, operation):
                names = re.sub(r"(\w+)/{term_id}", r"\1/{\1}", path.removeprefix(f"{MANAGE}/"))
                names = re.sub(r"(faqs)/{entry_id}", r"\1/{faq_id}", names)
                yield Row(method.upper(), names, body_of(path), (), "admin")


def needs_version(item, operation):
    given = [*item.get("parameters", []), *operation.get("parameters", [])]
    return any(one["name"] == "If-Match" and one["required"] for one in given)


def body_of(path):
    return next((body for end, body in BODIES.items() if path.endswith(end)), {})
