"""Who sends too much waits, whatever they say of themselves."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import delete

from cms.database import transaction
from cms.extensions import db
from cms.models import RateLimit
from tests.building import ANY
from tests.commenting import url_of, words

pytestmark = pytest.mark.threat("A13", "B19")

RULES = "/api/v1/manage/comment-rules"
PEER, CLIENT = "198.51.100.7", "203.0.113.9"
WIDE = {"address_minute": None, "address_hour": None, "network_minute": None, "network_hour": None}

# Trusted proxies, and of the n-th request its peer and headers: always the same sender.
SAME_SENDER = {
    "one made-up hop": ("", PEER, lambda n: [("X-Forwarded-For", f"192.0.2.{n}")]),
    "a made-up list": ("", PEER, lambda n: [("X-Forwarded-For", f"192.0.2.{n}, 10.0.0.{n}")]),
    "other headers": (
        "",
        PEER,
        lambda n: [("X-Real-IP", f"192.0.2.{n}"), ("Forwarded", f"for=192.0.2.{n}")],
    ),
    "made up before the proxy": (
        "1",
        PEER,
        lambda n: [("X-Forwarded-For", f"192.0.2.{n}, {CLIENT}")],
    ),
    "a doubled header": (
        "1",
        PEER,
        lambda n: [("X-Forwarded-For", f"192.0.2.{n}"), ("X-Forwarded-For", CLIENT)],
    ),
    "a proxy by its network": (
        "198.51.100.0/24",
        PEER,
        lambda n: [("X-Forwarded-For", f"192.0.2.{n}, {CLIENT}")],
    ),
    "garbage before the proxy": ("1", PEER, lambda n: [("X-Forwarded-For", f"x{n}'--, {CLIENT}")]),
    "one IPv6 /64": ("1", PEER, lambda n: [("X-Forwarded-For", f"2001:db8:1:2::{n:x}")]),
    "an IPv4 address in IPv6": (
        "1",
        PEER,
        lambda n: [("X-Forwarded-For", [CLIENT, f"::ffff:{CLIENT}"][n % 2])],
    ),
}


def send(app, post, peer=PEER, headers=(), url="", **fields):
    with app.app_context():
        return app.test_client().post(
            url or url_of(post),
            json=words(**fields),
            headers=list(headers),
            environ_base={"REMOTE_ADDR": peer},
        )


def limit(editor, **most):
    assert editor.put(RULES, json={"limits": most}, headers=ANY).status_code == 200


def statuses(answers):
    return [answer.status_code for answer in answers]


def test_nothing_that_a_sender_says_makes_them_another(app, editor, post, monkeypatch):
    limit(editor, address_minute=3)
    wrong = {}
    for name, (trusted, peer, headers) in SAME_SENDER.items():
        config = replace(app.config["CMS"], trusted_proxies=trusted)
        monkeypatch.setitem(app.config, "CMS", config)
        answers = statuses(send(app, post, peer, headers(n)) for n in range(4))
        if answers != [202] * 3 + [429]:
            wrong[name] = answers
        with app.app_context(), transaction():
            db.session.execute(delete(RateLimit))
    assert wrong == {}


def test_no_spelling_of_the_address_begins_anew(app, editor, post):
    limit(editor, address_minute=2)
    send(app, post), send(app, post)
    plain = url_of(post)
    spelled = [plain, f"{plain}?locale=en", plain.replace("posts", "p%6Fsts")]
    others = [f"{plain}/", plain.upper(), plain.replace("/comments", "%2fcomments")]
    answers = [send(app, post, url=url) for url in spelled]

    assert statuses(answers) == [429] * 3
    assert all(int(answer.headers["Retry-After"]) in range(1, 61) for answer in answers)
    assert answers[0].json["reason"] == "too_many_requests"
    assert {send(app, post, url=url).status_code for url in others} <= {404, 429}


@pytest.mark.parametrize(
    ("most", "senders", "stranger"),
    [
        ({"network_minute": 3}, [f"192.0.2.{n}" for n in range(1, 5)], "192.0.3.1"),
        ({"network_minute": 3}, [f"2001:db8:1:{n}::1" for n in range(4)], "2001:db8:2::1"),
        ({"network_hour": 3}, [f"192.0.2.{n}" for n in range(1, 5)], "192.0.3.1"),
    ],
)
def test_a_network_has_a_limit_of_its_own(app, editor, post, most, senders, stranger):
    limit(editor, **most)
    assert statuses(send(app, post, peer) for peer in senders) == [202] * 3 + [429]
    assert send(app, post, stranger).status_code == 202


@pytest.mark.parametrize("name", ["post_minute", "site_minute"])
def test_many_senders_together_are_limited_too(app, editor, post, name):
    limit(editor, **{name: 3})
    answers = [send(app, post, f"192.0.{n}.1") for n in range(5)]
    assert statuses(answers) == [202] * 3 + [429] * 2


def test_a_parallel_burst_is_counted_exactly(app, editor, post):
    limit(editor, address_minute=5)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(app, post), range(24)))
    assert sorted(statuses(answers)) == [202] * 5 + [429] * 19


def test_no_limit_is_none_and_what_is_not_named_is_as_shipped(app, editor, post):
    limit(editor, **WIDE)
    assert set(statuses(send(app, post) for _ in range(12))) == {202}
    kept = editor.get(RULES).json["data"]["rules"]["limits"]
    assert kept == WIDE | {"post_minute": 120, "site_minute": 600}
