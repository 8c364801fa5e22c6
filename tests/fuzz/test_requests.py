"""Requests that nobody would write, made from the API's own description, on both databases.

Each request goes to one of them, about half to either; `make exhaustive` sends every one to both.

Every answer must be one that the description promises: status, headers, media type and shape.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from flask import Flask
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NotSet

from tests import applications, building, commenting
from tests.api.openapi_snapshot import SNAPSHOT

pytestmark = pytest.mark.threat("B4", "B6", "B7")

CONFIG = {
    "generation": {
        "max-examples": 3,
        "deterministic": True,
        "no-shrink": True,
        "database": "none",
        # We send a token; the check of ignored proofs sends none, and wrong ones.
        "with-security-parameters": False,
    },
    "checks": {
        # A description can not say that a slug is taken, or that a time has passed.
        "positive_data_acceptance": {"enabled": False},
        "negative_data_rejection": {"expected-statuses": ["4xx"]},
        "missing_required_header": {"expected-statuses": ["4xx"]},
    },
}
# What the API says of itself: `tests/api/test_openapi.py` compares it.
DOCUMENT = json.loads(SNAPSHOT.read_text())
schema = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig.from_dict(CONFIG))


@dataclass
class Site:
    """A site with something of everything, by the address that it has."""

    app: Flask
    token: str
    names: dict[str, str]

    def name_at(self, path: str) -> str | None:
        return next((name for start, name in self.names.items() if path.startswith(start)), None)


@pytest.fixture(scope="module")
def sites(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[list[Site]]:
    """One on each database."""
    asked = request.config.getoption("--database")
    urls = {"sqlite": lambda: "", "postgresql": lambda: request.getfixturevalue("postgresql").url}
    with ExitStack() as stack:
        configs = [
            applications.configured(tmp_path_factory.mktemp("data"), url())
            for name, url in urls.items()
            if asked in (None, name)
        ]
        yield [filled(stack.enter_context(applications.migrated(one))) for one in configs]


def filled(app: Flask) -> Site:
    admin = building.signed_in(app, "admin")
    kinds = {"tags": building.tag, "categories": building.category, "authors": building.author}
    terms = {kind: make(admin) for kind, make in kinds.items()}
    faq = building.published_faq(admin, tag_ids=[terms["tags"]["id"]])
    filed = {"tag_ids": [terms["tags"]["id"]], "category_id": terms["categories"]["id"]}
    filed |= {"author_ids": [terms["authors"]["id"]]}
    post, *_ = (building.published_post(admin, **filed) for _ in range(3))
    comment = commenting.approved(admin, post)
    found = {f"/api/v1/{kind}/": term["slug"] for kind, term in terms.items()}
    found |= {f"/api/v1/manage/{kind}/": term["id"] for kind, term in terms.items()}
    found |= {"/api/v1/posts/": post["slug"], "/api/v1/manage/posts/": post["id"]}
    found |= {"/api/v1/faqs/": faq["slug"], "/api/v1/manage/faqs/": faq["id"]}
    found |= {"/api/v1/manage/comments/": comment}
    found |= {"/api/v1/manage/media/": building.media(admin)["id"]}
    found |= {"/api/v1/manage/users/": building.signed_in(app, "editor").user_id}
    return Site(app, admin.token, found)


@pytest.fixture(scope="module", params=["one", pytest.param("each", marks=pytest.mark.exhaustive)])
def asked(request: pytest.FixtureRequest, sites: list[Site]) -> Callable[[Case], list[Site]]:
    """Which sites a request goes to: all, or one, which is the same each time."""
    return (lambda _: sites) if request.param == "each" else (lambda case: [drawn(sites, case)])


def drawn(sites: list[Site], case: Case) -> Site:
    body = None if isinstance(case.body, NotSet) else case.body
    said = f"{case.path_parameters} {case.query} {case.headers} {body!r}"
    return sites[crc32(said.encode(errors="backslashreplace")) % len(sites)]


@schema.parametrize()
def test_every_answer_is_one_that_the_description_promises(case: Case, asked: Any):
    for site in asked(case):
        check(case, site)


def check(case: Case, site: Site) -> None:
    # For the requests that checks make by themselves.
    case.operation.schema.app = site.app
    if case.meta.generation.mode is GenerationMode.POSITIVE:
        # With `fields`, an answer keeps only a part of what is always there.
        case.query.pop("fields", None)
        aim(case, site)

    case.call_and_validate(app=site.app, headers={"Authorization": f"Bearer {site.token}"})


def aim(case: Case, site: Site) -> None:
    """Let half of the good requests be about something that is there."""
    name = site.name_at(case.path)
    if name and len(str(case.body)) % 2:
        case.path_parameters = {
            part: 1 if part == "number" else name for part in case.path_parameters
        }
