"""B4: what could be SQL is a value: a true and a false condition are answered alike, everywhere."""

import re
from urllib.parse import quote

import pytest

from tests import building
from tests.api.hostile_input.test_parameters import NEEDED, parameters_of
from tests.building import ANY
from tests.emptying import emptied
from tests.public_reading import without_request_id

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B4")]

# A condition that holds, and one that does not.
PAIRS = [
    ("heat' OR '1'='1", "heat' OR '1'='2"),
    ('heat" OR "1"="1', 'heat" OR "1"="2'),
    ("heat') OR ('1'='1", "heat') OR ('1'='2"),
    ("heat' AND 1=1 --", "heat' AND 1=2 --"),
    ("heat%' AND 1=1 --", "heat%' AND 1=2 --"),
    ("heat\\' OR 1=1 --", "heat\\' OR 1=2 --"),
    ("1 OR 1=1", "1 OR 1=2"),
    ("heat'||'1", "heat'||'2"),
    ("heat'; SELECT 1; --", "heat'; SELECT 2; --"),
    ("heat' UNION SELECT 1 --", "heat' UNION SELECT 2 --"),
    ("(SELECT CASE WHEN 1=1 THEN 1 ELSE 1/0 END)", "(SELECT CASE WHEN 1=2 THEN 1 ELSE 1/0 END)"),
    ("CASE WHEN 1=1 THEN title END", "CASE WHEN 1=2 THEN title END"),
    ("heat'/*1*/", "heat'/*2*/"),
    ("$7001", "$7002"),
    (":now", ":nox"),
    ("%(now)s", "%(nox)s"),
    ("?7001", "?7002"),
    ("{7001}", "{7002}"),
    ("E'\\061'", "E'\\062'"),
    ("$$7001$$", "$$7002$$"),
]


@pytest.fixture(scope="module")
def app(migrated):
    return emptied(migrated)


@pytest.fixture(scope="module")
def admin(app):
    return building.signed_in(app, "admin")


@pytest.fixture(scope="module")
def readable(app, admin):
    # No number is among the words that a search could find.
    building.published_post(admin, slug="heat", title="Heat", body=building.markdown("Warm."))
    for kind in (building.tag, building.category, building.author):
        kind(admin, slug="heat", name="Heat")
    return {path: names for path, names in parameters_of(app) if "{" not in path}


def asked(path, name, value):
    needed = NEEDED.get(path)
    more = f"{needed}=heat&" if needed and needed != name else ""
    return f"{path}?{more}{quote(name, safe='')}={quote(value, safe='')}"


def answer(admin, url, said):
    """What comes back, without what was asked."""
    found = admin.get(url)
    text = without_request_id(found.text)
    for form in (said, quote(said), quote(said, safe=""), quote(said, safe="").replace("%20", "+")):
        text = text.replace(form, "")
    # As JSON spells it, and in the words that a search looks for.
    return found.status_code, re.sub(r"[\\0-9]", "", text)


def test_a_value_is_never_a_condition(admin, readable, row):
    for path, names in readable.items():
        for name in names:
            for pair in PAIRS:
                with row(path, name, pair[0]):
                    true, false = (answer(admin, asked(path, name, one), one) for one in pair)
                    assert true[0] in {200, 400}
                    assert true[0] == false[0]
                    assert len(true[1]) == len(false[1])


def test_a_name_is_never_a_condition(admin, readable, row):
    for path in readable:
        for true, false in PAIRS:
            with row(path, true):
                statuses = [admin.get(asked(path, one, "1")).status_code for one in (true, false)]
                assert statuses == [400, 400]


def test_no_statement_holds_a_value(admin, readable, count_queries):
    """Values are bound: what the database is told to do has none of them in it."""
    canary = "canary7d1'"
    with count_queries() as statements:
        for path, names in readable.items():
            for name in names:
                admin.get(asked(path, name, canary))
        tag = building.tag(admin, name=canary, description=canary)
        post = building.post(admin, title=canary, excerpt=canary, body=building.markdown(canary))
        url = f"/api/v1/manage/posts/{post['id']}"
        admin.patch(url, json={"title": canary + canary, "tag_ids": [tag["id"]]}, headers=ANY)
        building.publish(admin, post)

    assert len(statements) > 50
    assert [one for one in statements if "canary7d1" in one] == []
