"""B10: what looks alike is plainly another in its address; nothing turns a line around."""

# ruff: noqa: RUF001 - letters that look like others are what this is about.

import re
import unicodedata

import pytest

from tests import building, commenting
from tests.api.auth.people import join
from tests.building import ANY

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B10")]

MANAGE = "/api/v1/manage"
# A name, and others that people take for it.
ALIKE = {
    "Massage": [
        *("Massаge", "Ｍａｓｓａｇｅ", "Mas\u200bsage", "Massage\u202e", "𝐌assage", "Mаѕѕаgе"),
        *("MASSAGE", " Massage ", "Massa\u0301ge", "Ma\u00adssage", "\ufeffMassage", "Ⅿassage"),
    ],
    "back pain": ["back\u00a0pain", "back\u2003pain", "back-pain", "back_pain", "bаck pаin"],
    "zoë": ["zoe\u0308", "zoе", "ZOË", "zöe"],
}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
KINDS = {"posts": building.post, "faqs": building.faq, **building.TERMS}
NAMED = {"posts": "title", "faqs": "question", "tags": "name", "categories": "name"}
NAMED |= {"authors": "name"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ALIKE)
def test_names_that_look_alike_have_plain_addresses_of_their_own(admin, kind, name):
    slugs = []
    for one in [name, *ALIKE[name]]:
        slugs.append(KINDS[kind](admin, **{NAMED[kind]: one})["slug"])

    assert len(set(slugs)) == len(slugs)
    assert all(SLUG.fullmatch(one) for one in slugs), slugs


BAD_SLUGS = [
    *(
        "Heat",
        "hеat",
        "heat\u200b",
        "ｈeat",
        "heat\u202e",
        "he\u0301at",
        "heat/",
        "heat/x",
        "heat.x",
    ),
    *("heat%00", "heat\x7f", "..", "../heat", "%2e%2e", "heat%2f", "heat ", "-heat", "heat--x"),
    *("🔥", "\u0627\u0644", "\u202eheat", "x" * 1_000, "heat\n", "heat?x", "heat#x", "heat;x"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_is_made_of_few_letters(admin, kind, row):
    made = KINDS[kind](admin)
    for slug in BAD_SLUGS:
        with row(slug[:20]):
            url = f"{MANAGE}/{kind}/{made['id']}"
            answer = admin.patch(url, json={"slug": slug}, headers=ANY)
            assert answer.status_code in {400, 422}
            assert admin.get(url).json["data"]["slug"] == made["slug"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_address_in_other_letters_is_nothing(client, admin, kind):
    made = KINDS[kind](admin, slug="heat")
    if kind in {"posts", "faqs"}:
        building.publish(admin, made)
    assert client.get(f"/api/v1/{kind}/heat").status_code == 200

    for slug in (
        "HEAT",
        "Heat",
        "h%D0%B5at",
        "heat%E2%80%8B",
        "heat%00",
        "heat%20",
        "%EF%BD%88eat",
    ):
        assert client.get(f"/api/v1/{kind}/{slug}").status_code in {400, 404}, slug


@pytest.mark.parametrize(
    "name", ["\u202eAnn", "A\u200bnn", "\u2066Ann\u2069", "Ann\u200f", "\ufeffAnn"]
)
def test_a_readers_name_holds_nothing_unseen(client, moderator, post, name):
    commenting.approved(moderator, post, author_name=name)

    shown = commenting.thread(client, post)["data"][0]["author"]["name"]

    assert shown == "Ann"
    assert all(unicodedata.category(letter) not in {"Cf", "Cc"} for letter in shown)


def test_one_address_has_one_account(app, admin):
    """Mail is the same however it is typed; what is another person's is another address."""
    join(app, email="zoë@example.org")
    values = {"name": "Zoë", "role": "viewer", "password": "correct horse battery staple"}
    for email in (
        "zoe\u0308@example.org",
        "ZOË@example.org",
        "zoë@EXAMPLE.org",
        " zoë@example.org",
    ):
        answer = admin.post(f"{MANAGE}/users", json=values | {"email": email})
        assert (answer.status_code, answer.json["reason"]) == (409, "email_taken"), email
