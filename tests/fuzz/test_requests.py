"""Requests that nobody would write, made from the API's own description, on both databases.

Every answer must be one that the description promises: status, headers, media type and shape.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import schemathesis
from flask import Flask
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig

from tests import building, commenting
from tests.api.openapi_snapshot import present
from tests.emptying import emptied

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
schema = schemathesis.openapi.from_dict(present(), config=SchemathesisConfig.from_dict(CONFIG))


@dataclass
class Site:
    """A site with something of everything, by the address that it has."""

    app: Flask
    token: str
    names: dict[str, str]

    def name_at(self, path: str) -> str | None:
        return next((name for start, name in self.names.items() if path.startswith(start)), None)


@pytest.fixture(scope="module")
def site(migrated: Flask) -> Iterator[Site]:
    emptied(migrated)
    admin = building.signed_in(migrated, "admin")
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
    found |= {"/api/v1/manage/users/": building.signed_in(migrated, "editor").user_id}
    yield Site(migrated, admin.token, found)
    emptied(migrated)


@schema.parametrize()
def test_every_answer_is_one_that_the_description_promises(case: Case, site: Site):
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
