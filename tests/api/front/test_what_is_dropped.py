"""Each public change drops, of what is in memory, all that it touched, and little else."""

from dataclasses import replace
from datetime import timedelta
from time import monotonic, sleep

import pytest

from cms import create_app
from cms.api.front import front_of
from cms.database import transaction
from cms.services import search
from cms.services.delivery import memory
from cms.times import utc_now
from tests import building, commenting
from tests.building import ANY

pytestmark = pytest.mark.thorough

MANAGE = "/api/v1/manage"
POSTS = ("first", "heat", "cold", "last", "dry", "calor?locale=es")
READS = [
    "/posts",
    "/posts?locale=*&limit=2",
    "/posts?tag=warmth",
    "/posts?category=care&total=true",
]
READS += ["/posts?author=jo", "/posts?sort=-updated_at&body=text", "/posts?fields=title,related"]
READS += ["/faqs", "/faqs?tag=warmth", "/faqs?post=heat", "/faqs/why", "/faqs/when"]
READS += [
    f"/{kind}{one}" for kind in ("tags", "categories", "authors") for one in ("", "?locale=*")
]
READS += ["/tags/warmth", "/tags/chill", "/categories/care", "/categories/below", "/authors/jo"]
READS += ["/site", "/feed.json", "/sitemap.xml", "/search?q=warm", "/sync", "/comments/feed.json"]
READS += [
    "/search?q=warm&kind=faq",
    "/search?q=warm&tag=warmth&total=true",
    "/search?q=calor&locale=*",
]
READS += ["/search?q=warm&category=care&author=jo", "/search?q=heat", "/search?q=nothing"]
READS += [
    "/posts?q=warm",
    "/posts?q=warm&category=care&total=true",
    "/posts?q=again",
    "/faqs?q=why",
]
READS += ["/faqs?q=again&tag=warmth", "/sitemap.xml?locale=es"]
for sub in ("", "/related", "/faqs", "/comments", "/history"):
    READS += [f"/posts/{one.replace('?', f'{sub}?') if '?' in one else one + sub}" for one in POSTS]
READS += ["/posts/heat?include=related,comments,jsonld", "/posts/heat?fields=title,previous"]


def site(admin, moderator, client):
    """The ids of what there is, by name: small, and everything names something."""
    found = {kind: make(admin, slug=slug)["id"] for kind, make, slug in TERMS}
    found["photo"] = building.media(admin, alt="Hands")["id"]
    below = building.category(admin, slug="below", parent_id=found["care"])["id"]
    filed = {"tag_ids": [found["warmth"]], "author_ids": [found["jo"]], "category_id": below}
    found |= {"below": below, "filed": filed}
    for slug in ("why", "when"):
        found[slug] = building.published_faq(admin, slug=slug, tag_ids=[found["warmth"]])["id"]
    for slug in ("first", "heat", "cold", "last", "dry"):
        own = {"hero_media_id": found["photo"]} | filed if slug in ("heat", "cold") else {}
        made = building.post(admin, slug=slug, body=building.markdown("Warm."), **own)
        found[slug] = made["id"]
        if slug in ("heat", "cold"):
            ways = f"{MANAGE}/posts/{made['id']}"
            sent(admin.put(f"{ways}/faqs", json={"faq_ids": [found["why"]]}, headers=ANY))
            picks = {"related": [{"post_id": found["first"], "note": None}]}
            sent(admin.put(f"{ways}/related", json=picks, headers=ANY))
        building.publish(admin, made)
    spanish = building.published_post(
        admin, slug="calor", locale="es", translation_of=found["heat"]
    )
    found["calor"] = spanish["id"]
    post = {"id": found["heat"], "slug": "heat"}
    found["said"] = commenting.approved(moderator, post, author_email="jane@example.org")
    found["asked"] = commenting.leave(client, post)
    given = commenting.send(client, post).json["data"]
    return found | {"meant": given["id"], "receipt": given["receipt"]}


TERMS = [("warmth", building.tag, "warmth"), ("chill", building.tag, "chill")]
TERMS += [("care", building.category, "care"), ("else", building.category, "else")]
TERMS += [
    ("spare", building.tag, "spare"),
    ("jo", building.author, "jo"),
    ("doe", building.author, "doe"),
]

# What is done, in this order, and to what. `{name}` stands for an id.
CHANGES = [
    ("PATCH comments/{asked}", {"status": "approved"}),
    ("POST comments/{said}/reply", {"body": "Thank you."}),
    ("PATCH comments/{asked}", {"status": "trashed"}),
    ("PATCH comments/{meant}", {"status": "approved"}),
    ("WITHDRAW {meant} {receipt}", None),
    ("POST privacy/erase", {"email": "jane@example.org"}),
    ("PATCH posts/{heat}", {"comments_open": False}),
    ("PATCH posts/{heat}", {"comments_open": True}),
    ("PUT comment-rules", {"closed": True}),
    ("PUT comment-rules", {"close_after_days": 30}),
    ("PATCH settings", {"name": "Another name"}),
    ("PATCH media/{photo}", {"alt": "Warm hands"}),
    ("PATCH tags/{warmth}", {"name": "Heat"}),
    ("PATCH tags/{warmth}", {"slug": "heats"}),
    ("PATCH tags/{warmth}", {"slug": "warmth"}),
    ("PATCH authors/{jo}", {"name": "Jo D.", "credentials": "MD"}),
    ("PATCH authors/{jo}", {"photo_media_id": "{photo}"}),
    ("PATCH media/{photo}", {"alt": "Cold hands"}),
    ("PATCH categories/{below}", {"parent_id": "{else}"}),
    ("PATCH categories/{else}", {"name": "Elsewhere"}),
    ("PATCH authors/{doe}", {"credentials": "MD"}),
    ("POST posts/{heat}/review", {"reviewed_by": "{doe}", "reviewed_on": "2024-05-01"}),
    ("PATCH authors/{doe}", {"name": "Dr. Doe"}),
    ("PUBLISH posts/{cold}", {"title": "Colder"}),
    ("PUBLISH posts/{heat}", {"slug": "heats"}),
    ("PUBLISH posts/{heat}", {"slug": "heat"}),
    ("PUBLISH posts/{calor}", {"title": "Más calor"}),
    ("PATCH posts/{calor}", {"translation_of": None}),
    ("PATCH posts/{calor}", {"translation_of": "{heat}"}),
    ("PUBLISH posts/{dry}", {"tag_ids": ["{warmth}"]}),
    ("PUBLISH faqs/{why}", {"question": "Why ever?"}),
    ("DELETE faqs/{why}/publication", None),
    ("PUBLISH faqs/{why}", {"question": "Why then?"}),
    ("PUT posts/{cold}/related", {"related": [{"post_id": "{last}", "note": "Look."}]}),
    ("PUBLISH posts/{cold}", {"title": "Coldest"}),
    ("PUBLISH posts/{first}", {"title": "The very first"}),
    ("DELETE posts/{cold}/publication", None),
    ("PUBLISH posts/{cold}", {"title": "Cold again"}),
    ("MOVE posts/{last}", {"published_at": "2020-01-01T00:00:00Z"}),
    ("BEGIN posts/{dry}", {"title": "Drier"}),
    ("DELETE posts/{dry}/publication", None),
    ("BEGIN posts/{dry}", {"title": "Dry anew"}),
    ("END posts/{cold}", {"title": "For a while"}),
    ("BEGIN posts/{cold}", {"title": "Back"}),
    ("END faqs/{why}", {"question": "Why now?"}),
    ("BEGIN faqs/{why}", {"question": "Why again?"}),
    ("DELETE posts/{calor}/publication", None),
    ("PUBLISH posts/{calor}", {"title": "Calor"}),
    ("DELETE posts/{calor}", None),
    ("POST posts/{calor}/restore", None),
    ("PUBLISH posts/{calor}", {"title": "Calor otra vez"}),
    ("DELETE posts/{calor}?permanent=true", None),
    ("POST tags/{warmth}/merge", {"into": "{chill}"}),
    ("POST authors/{doe}/merge", {"into": "{jo}"}),
    ("POST categories/{else}/merge", {"into": "{care}"}),
    ("DELETE tags/{spare}", None),
    ("DELETE posts/{first}", None),
    ("DELETE faqs/{why}", None),
]


def sent(answer):
    assert answer.status_code < 300, str(answer.json)
    return answer


def filled(value, names):
    if isinstance(value, str):
        return value.format_map(names)
    if isinstance(value, list):
        return [filled(one, names) for one in value]
    return {k: filled(v, names) for k, v in value.items()} if isinstance(value, dict) else value


def make(admin, step, body, names):
    method, path = step.split(maxsplit=1)
    if method == "WITHDRAW":
        given = dict(zip(("id", "receipt"), path.format_map(names).split(), strict=True))
        return sent(commenting.by_receipt(admin.application.test_client(), "DELETE", given))
    url, body = f"{MANAGE}/{path.format_map(names)}", filled(body, names)
    if method in ("POST", "PUT", "PATCH", "DELETE"):
        return sent(admin.open(url, method=method, json=body, headers=ANY))
    if method != "MOVE":
        sent(admin.patch(url, json=body, headers=ANY))
    names["soon"] = utc_now() + timedelta(seconds=0.6)
    soon = names["soon"].isoformat()
    plan = {"PUBLISH": {}, "MOVE": body, "BEGIN": {"publish_at": soon}}
    plan["END"] = {"unpublish_at": soon}
    return sent(admin.put(f"{url}/publication", json=plan[method], headers=ANY))


def wait_until(moment):
    give_up = monotonic() + 10
    while utc_now() <= moment:
        assert monotonic() < give_up
        sleep(0.01)


def compare(clients, built, step):
    # Nothing that was made before is of use to it.
    memory.init_app(built.application)
    for path in READS:
        wanted = built.get(f"/api/v1{path}", headers=PAST)
        for client in clients:
            got = client.get(f"/api/v1{path}")
            assert got.status_code == wanted.status_code, (step, path)
            assert wanted.status_code >= 300 or shown(got) == shown(wanted), (step, path)


def shown(answer):
    # The token of `/sync` tells the time that it was asked at.
    return answer.json["data"] if answer.request.path == "/api/v1/sync" else answer.data


PAST = {"Cookie": "passes=by"}


def test_what_is_in_memory_is_what_would_be_built(app, config, admin, moderator, client):
    names, built = site(admin, moderator, client), app.test_client(use_cookies=False)
    # Of whole answers, and of the parts that they are made of.
    cards = create_app(replace(config, response_cache=False)).test_client()
    compare([client, cards], built, "nothing")
    for step, body in CHANGES:
        # What was compared is in memory now.
        make(admin, step, body, names)
        if step.startswith(("BEGIN", "END")):
            # Not compared before its moment, which might come between the two.
            _ = [one.get(f"/api/v1{path}") for one in (client, cards) for path in READS]
            wait_until(names["soon"])
        compare([client, cards], built, step)


def test_what_is_not_touched_stays(app, admin, moderator, client):
    names = site(admin, moderator, client)
    kept = [
        "/posts/last",
        "/posts/last/comments",
        "/posts/last/faqs",
        "/site",
        "/tags",
        "/search?q=warm&tag=warmth",
        "/posts?q=warm&fields=title&limit=1",
        "/faqs?q=why",
        "/sitemap.xml",
    ]

    def missed(paths):
        before = front_of(app).numbers()["misses"]
        for path in paths:
            client.get(f"/api/v1{path}")
        return front_of(app).numbers()["misses"] - before

    missed([*kept, "/posts/heat"])
    make(admin, "PATCH comments/{asked}", {"status": "approved"}, names)
    assert missed([*kept]) == 0
    assert missed(["/posts/heat"]) == 1
    make(admin, "PUBLISH posts/{dry}", {"title": "Drier"}, names)
    # Its neighbour, and what counts, finds or lists posts.
    assert missed(kept) == 5
    assert missed(["/posts/heat"]) == 0


def test_what_is_found_by_words_goes_when_texts_are_indexed_anew(app, admin, client):
    building.published_post(admin, slug="heat", title="Heat")

    def misses():
        client.get("/api/v1/search?q=heat")
        return front_of(app).numbers()["misses"]

    before = misses()
    with app.app_context(), transaction():
        search.index(search.every_id())
    assert misses() == before + 1
