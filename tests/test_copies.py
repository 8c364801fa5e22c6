"""Copied posts are what the benchmark reads: they must be what publishing would have made."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from benchmarks import content, copies, words
from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import Post, Thread
from cms.services import checkup, posts, publishing

pytestmark = [pytest.mark.thorough, pytest.mark.exhaustive]

COUNT = content.PATTERNS + 2
LOOKS = {"integrity", "totals of lists", "totals of comments"}
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00:00)")


@pytest.fixture
def slugs(app: Flask) -> list[str]:
    with app.app_context():
        return content.fill(COUNT)


def test_a_copy_has_the_rows_that_publishing_the_same_text_makes(app, slugs):
    with app.app_context():
        copied = db.session.scalars(select(Post).filter_by(slug=slugs[-1])).one()
        again = _published_again(copied)

        assert _rows(copied.id) == _rows(again)
        # What was written by hand counts as what is counted at each publication.
        looked = [one for one in checkup.findings(app.config["CMS"]) if one.name in LOOKS]
        assert [one.state for one in looked] == ["ok"] * len(LOOKS)


def test_copies_are_found_by_all_that_readers_ask_for(app, slugs):
    client = app.test_client()

    def found(path: str) -> list[str]:
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.json
        return [one.get("slug") for one in answer.json["data"]]

    copy = slugs[-1]
    assert found("posts?limit=100") == slugs
    assert len(found(f"posts/{copy}/related")) == 6
    assert copy in found(f"search?q={words.rare(COUNT - 1, COUNT)}")
    assert len(found(f"search?q={words.COMMON}&kind=post&limit=100")) == COUNT
    assert found("search?q=%22deep+tissue%22&limit=100")
    assert client.get(f"/api/v1/posts/{slugs[0]}/comments").json["meta"]["total"] == 1003


def _published_again(post: Post) -> str:
    values: dict[str, Any] = {
        name: getattr(post, name) for name in ("title", "excerpt", "category_id")
    }
    values["body"] = {"format": "markdown", "source": post.body_source}
    for table, one in {"entry_tags": "tag", "post_faqs": "faq", "post_authors": "author"}.items():
        rows = sorted(copies.rows(post.id)[table], key=lambda row: row["position"])
        values[f"{one}_ids"] = [row[f"{one}_id"] for row in rows]
    with transaction():
        again = posts.create(OPERATOR, values | {"slug": "again"})
        publishing.publish(OPERATOR, Post, again.id, None)
    return again.id


def _rows(post_id: str) -> dict[str, Any]:
    """All of them, with what belongs to one post alone taken out."""
    rows = copies.rows(post_id)
    (entry,), (publication,) = rows["entries"], rows["publications"]
    number = publication["id"]
    rows["thread"] = [{"open": db.session.get(Thread, post_id).is_open}]
    rows["search"] = [dict(_indexed(number))]
    for one in rows["audit_log"]:
        one["id"] = None
    for one in [publication, *rows["publication_links"], *rows["publication_terms"]]:
        one["id" if one is publication else "publication_id"] = None
    own = {entry["id"]: "ID", entry["slug"]: "SLUG"}
    own |= {row["translation_group"] or "none": "GROUP" for row in (entry, publication)}
    said = {
        name: sorted(json.dumps(row, default=str, sort_keys=True) for row in some)
        for name, some in rows.items()
    }
    found = TIME.sub("TIME", json.dumps(said))
    for one, name in own.items():
        found = found.replace(one, name)
    return json.loads(found)


def _indexed(number: int) -> Any:
    query = text("SELECT * FROM search_index WHERE rowid = :id")
    row = db.session.execute(query, {"id": number}).mappings().one()
    return {key: str(one) for key, one in row.items() if key != "rowid"}
