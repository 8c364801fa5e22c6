"""A5: nobody sets what a route does not offer: each writing route, each such field."""

import json

import pytest

from tests.api.cast import Cast
from tests.api.refusals import contents
from tests.api.test_access_matrix import ANOTHERS, BODIES, PART, kind_of, rows
from tests.building import ANY, NOWHERE

pytestmark = [
    *(pytest.mark.thorough, pytest.mark.threat("A5")),
    pytest.mark.usefixtures("unlimited"),
]

# What a sender would like to set, where the route has no such field.
FORBIDDEN = {"role": "admin", "is_admin": True, "suspended": False, "password_hash": "x"}
FORBIDDEN |= {"status": "approved", "approved": True, "is_staff": True, "shown": True}
FORBIDDEN |= dict.fromkeys(["author_id", "created_by", "user_id", "id"], NOWHERE)
FORBIDDEN |= dict.fromkeys(["created_at", "updated_at", "published_at"], "2020-01-01T00:00:00Z")
FORBIDDEN |= {"version": 1, "revision": 1, "ip": "192.0.2.1", "network": "192.0.2.0/24"}
FORBIDDEN |= {"scopes": ["admin"], "digest": "x", "secret": "x", "__class__": "x"}
FORBIDDEN |= {"comment_count": 9, "approved_count": 9, "verdicts": []}
# Where one of these is a field like any other.
OFFERED = {
    "POST auth/tokens": {"scopes", "user_id"},
    "POST manage/users": {"role"},
    "PATCH manage/users/*": {"role", "suspended"},
    "PATCH manage/comments/*": {"status"},
    "POST manage/comments/bulk": {"status"},
    "PUT manage/posts/*/publication": {"published_at"},
    "PUT manage/faqs/*/publication": {"published_at"},
}
# What takes a file has no fields, or other tests.
FILES = {"POST manage/media", "POST manage/comments/import"}


def writing():
    for one in rows():
        method, address, *_ = one.values
        name = f"{method} {PART.sub('*', address).removeprefix('/api/v1/')}"
        if name in BODIES and name not in FILES:
            yield pytest.param(method, address, name, id=name)


@pytest.mark.parametrize(("method", "address", "name"), list(writing()))
def test_what_a_route_does_not_offer_is_refused_and_named(app, row, method, address, name):
    cast = Cast(app, None)
    kind, valid = kind_of(address), BODIES[name](cast, "admin")
    things = iter(cast.thing(kind, cast.admin, ANOTHERS).split("/") if kind else [])
    cast.give_password(cast.admin)
    url = PART.sub(lambda _: next(things), address.replace("<number:number>", "1"))
    before = contents(app)

    for field in FORBIDDEN.keys() - OFFERED.get(name, set()):
        with row(field):
            values = {**valid, field: FORBIDDEN[field]}
            answer = cast.admin.open(url, method=method, json=values, headers=ANY)
            assert answer.status_code == 422, answer.text[:200]
            assert f"/{field}" in json.dumps(answer.json["errors"])

    assert contents(app) == before


def test_every_offered_field_is_one_of_a_route():
    assert set(OFFERED) - set(BODIES) == set()
