"""Who may call what: every route and method, by everybody, against a list that people review.

The list is `access_matrix.txt`. A route that is not in it fails here until somebody decides.
"""

import itertools
import re
from pathlib import Path

import pytest

from cms.models import Scope
from tests import building, commenting
from tests.api.cast import ANOTHERS, CALLERS, MINE, THINGS, Cast
from tests.api.refusals import assert_problem, contents
from tests.building import ANY, PASSWORD

pytestmark = [pytest.mark.thorough, pytest.mark.threat("A4")]

LIST = Path(__file__).with_name("access_matrix.txt")
# A part of an address that stands for a thing.
PART = re.compile(r"<[^>]+>")
_numbers = itertools.count(1)


def rows():
    """Each line of the list: method, address, scope, and a status for each caller."""
    lines = [line.split() for line in LIST.read_text().splitlines() if line.strip()]
    assert lines[0] == ["method", "address", "scope", *CALLERS]
    for method, address, scope, *statuses in lines[1:]:
        expected = dict(zip(CALLERS, map(int, statuses), strict=True))
        yield pytest.param(method, address, scope, expected, id=f"{method} {address}")


# What is sent, where something has to be.
BODIES = {
    "POST posts/*/comments": lambda *_: commenting.words(),
    "POST auth/login": lambda *_: {"email": "nobody@example.org", "password": PASSWORD},
    "POST auth/password-reset": lambda *_: {"email": "nobody@example.org"},
    "POST auth/password-reset/*": lambda *_: {"password": PASSWORD + "?"},
    "PATCH auth/me": lambda *_: {"review_mail": True},
    "POST auth/password": lambda *_: {"current_password": PASSWORD, "new_password": PASSWORD + "!"},
    "POST auth/tokens": lambda cast, whose: token_for(cast, whose),
    "POST manage/posts": lambda *_: {"title": "A post"},
    "PATCH manage/posts/*": lambda *_: {"title": "Another title"},
    "PUT manage/posts/*/faqs": lambda *_: {"faq_ids": []},
    "PUT manage/posts/*/related": lambda *_: {"related": [], "excluded": []},
    "PUT manage/posts/*/publication": lambda *_: {},
    "POST manage/posts/*/review": lambda cast, _: building.review(cast.admin),
    "PATCH manage/posts/*/publication": lambda *_: {"unpublish_at": None},
    "PATCH manage/faqs/*/publication": lambda *_: {"unpublish_at": None},
    "POST manage/posts/*/preview-links": lambda *_: {},
    "POST manage/site/preview-links": lambda *_: {},
    "POST manage/posts/*/revisions/*/restore": lambda *_: {},
    "POST manage/faqs/*/revisions/*/restore": lambda *_: {},
    "POST manage/media": lambda *_: building.upload(building.picture()),
    "PATCH manage/media/*": lambda *_: {"alt": f"Hands {next(_numbers)}"},
    "POST manage/faqs": lambda *_: {"question": "Why?", "answer": building.markdown("So.")},
    "PATCH manage/faqs/*": lambda *_: {"question": "Why not?"},
    "PUT manage/faqs/*/publication": lambda *_: {},
    "PATCH comments/*/receipt": lambda *_: {"body": "Other words."},
    "POST manage/comments/bulk": lambda *_: {"ids": [building.NOWHERE], "status": "spam"},
    "POST manage/comments/export": lambda *_: {"format": "csv"},
    "POST manage/comments/import": lambda *_: building.upload(b"[]", "comments.json"),
    "POST manage/comments/*/reply": lambda *_: {"body": "Thank you."},
    "POST manage/comments/*/faq": lambda *_: {},
    "POST manage/privacy/export": lambda *_: {"email": "nobody@example.org"},
    "POST manage/privacy/erase": lambda *_: {"email": "nobody@example.org"},
    "PATCH manage/comments/*": lambda *_: {"status": "approved"},
    "PUT manage/comment-rules": lambda *_: {"most_links": next(_numbers) % 100},
    "POST manage/comment-rules/backtest": lambda *_: {"rules": {}},
    "PATCH manage/settings": lambda *_: {"name": f"Site {next(_numbers)}"},
    "POST manage/webhooks": lambda *_: {"url": building.OUTSIDE},
    "PATCH manage/webhooks/*": lambda *_: {"description": "Another"},
    "POST manage/webhooks/*/secret": lambda *_: {},
    "POST manage/users": lambda *_: person(),
    "PATCH manage/users/*": lambda *_: {"name": "Another name"},
} | {
    words: lambda *_: {"name": f"A term {next(_numbers)}"}
    for kind in ("tags", "categories", "authors")
    for words in (f"POST manage/{kind}", f"PATCH manage/{kind}/*")
}
BODIES |= {
    f"POST manage/{kind}/*/merge": lambda cast, _whose, make=make: {"into": make(cast.admin)["id"]}
    for kind, make in building.TERMS.items()
}


QUERIES = {
    "DELETE manage/posts/*/history/*": {"reason": "It named a patient."},
    "GET comments/counts": {"post": "any"},
}


def token_for(cast, whose):
    values = {"name": "build", "scopes": ["content:read"]}
    return values | ({"user_id": cast.other.user_id} if whose == "author:other" else {})


def person():
    email = f"new{next(_numbers)}@example.org"
    return {"email": email, "name": "New", "role": "viewer", "password": PASSWORD}


def ask(cast, method, address, name):
    """A valid request by a caller about an untouched thing: answers the status when it is sent."""
    caller, (_, whose) = cast.caller(name), CALLERS[name]
    if address.endswith("/password") and name != "anonymous":
        cast.give_password(caller)
    kind = kind_of(address)
    things = itertools.cycle(cast.thing(kind, caller, whose).split("/") if kind else [])
    values = body_of(cast, method, address, name)
    # Of revisions, the first.
    url = PART.sub(lambda _: next(things), address.replace("<number:number>", "1"))
    kind_of_body = "data" if "file" in (values or {}) else "json"
    sent = {
        kind_of_body: values,
        "query_string": QUERIES.get(named(method, address)),
        "headers": {} if method == "GET" else ANY,
    }

    def send():
        with caller.open(url, method=method, **sent) as answer:
            return answer.status_code

    return send


def statuses(cast, method, address, expected):
    """What everybody gets. Who is to be refused asks first, and nothing changes by that."""
    refused = [name for name, status in expected.items() if status >= 400]
    asks = {name: ask(cast, method, address, name) for name in refused}
    before = contents(cast.app) if method != "GET" else None
    found = {name: send() for name, send in asks.items()}
    assert before in (None, contents(cast.app))
    for name in expected.keys() - found:
        found[name] = ask(cast, method, address, name)()
        if method != "GET":
            cast.touched(kind_of(address))
    return found


def kind_of(address):
    """The two words before a part that stands for a thing say what kind it is: the last known."""
    befores = [address[: found.start()].split("/")[:-1] for found in PART.finditer(address)]
    kinds = [[word for word in before if not PART.fullmatch(word)][-2:] for before in befores]
    known = [kind for kind in map("/".join, kinds) if kind in THINGS]
    assert bool(known) == bool(kinds), address
    return known[-1] if known else ""


def named(method, address):
    return f"{method} {PART.sub('*', address).removeprefix('/api/v1/')}"


def body_of(cast, method, address, name):
    make = BODIES.get(named(method, address))
    return make(cast, name) if make else None


@pytest.mark.threat("A15")
@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize(("method", "address", "scope", "expected"), list(rows()))
def test_everybody_may_do_what_the_list_says(app, method, address, scope, expected):
    cast = Cast(app, None if scope == "-" else Scope(scope))

    assert statuses(cast, method, address, expected) == expected


def test_every_route_is_in_the_list(app):
    listed = [tuple(row.values[:2]) for row in rows()]

    found = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert set(listed) == found
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("role", ["viewer", "author"])
def test_who_does_not_moderate_reads_no_contact_data(app, sign_in, role):
    shown = comments_seen(app, sign_in(role))

    assert all(set(one["author"]) == {"name", "url", "is_staff"} for one in shown)
    assert sign_in(role).get("/api/v1/manage/comments?email=a@example.org").status_code == 403


@pytest.mark.parametrize("role", ["moderator", "editor", "admin"])
def test_who_moderates_reads_where_a_comment_came_from(app, sign_in, role):
    shown = comments_seen(app, sign_in(role))

    assert all({"email", "network"} <= set(one["author"]) for one in shown)
    assert sign_in(role).get("/api/v1/manage/comments?email=a@example.org").status_code == 200


def comments_seen(app, reader):
    """A comment as the list and as its own address show it."""
    url = "/api/v1/manage/comments"
    comment_id = Cast(app, None).thing("manage/comments", reader, ANOTHERS)
    return [reader.get(f"{url}/{comment_id}").json["data"], *reader.get(url).json["data"]]


def test_the_address_of_one_kind_does_not_open_another_kind(app):
    cast = Cast(app, None)
    author = cast.caller("author:own")
    post, faq = cast.post(author, MINE), cast.faq(author, MINE)

    answers = [
        author.put(f"/api/v1/manage/posts/{faq}/faqs", json={"faq_ids": []}, headers=ANY),
        author.patch(f"/api/v1/manage/posts/{faq}", json={"title": "x"}, headers=ANY),
        author.patch(f"/api/v1/manage/faqs/{post}", json={"question": "x"}, headers=ANY),
        cast.admin.put(f"/api/v1/manage/faqs/{post}/publication", json={}, headers=ANY),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_a_stranger_is_refused_before_a_body_is_read(client):
    for method, address, *_ in (row.values for row in rows()):
        if "/manage/" in address:
            url = PART.sub(building.NOWHERE, address.replace("<number:number>", "1"))
            answer = client.open(url, method=method, data=b"{", content_type="application/json")
            assert_problem(answer, 401, "not_signed_in")
