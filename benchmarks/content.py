"""A site of many posts, each of an article's real length, written through the services."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import frontmatter

from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import Author, Category, Faq, Post, Tag
from cms.services import faqs, migrating, posts, publishing, taxonomy
from cms.services.publishing import Plan
from cms.times import utc_now

ARTICLE = Path("seeds/posts/medical-massage-multiple-sclerosis.md")
TAGS, CATEGORIES, AUTHORS, FAQS = 20, 5, 3, 30
TAGS_EACH, FAQS_EACH = 4, 3
APART = timedelta(hours=1)
# A commit for each post would take most of the time.
BATCH = 50


def fill(count: int) -> list[str]:
    """Inside the application, on an empty database: publish `count` posts, return their slugs."""
    migrating.upgrade(db.engine)
    article = frontmatter.load(str(ARTICLE))
    with transaction():
        known = _terms()
        known["faq_ids"] = [_published_faq(number) for number in range(FAQS)]
    slugs: list[str] = []
    newest = utc_now() - APART
    waiting = iter([(_values(article, known, n), newest - n * APART) for n in range(count)])
    while batch := list(islice(waiting, BATCH)):
        with transaction():
            slugs.extend(_published_posts(batch))
    return slugs


def _terms() -> dict[str, list[str]]:
    kinds = {"tag_ids": (Tag, TAGS), "category_id": (Category, CATEGORIES)}
    kinds["author_ids"] = (Author, AUTHORS)
    return {
        name: [
            taxonomy.create(OPERATOR, model, {"name": f"{model.__name__} {n}"}).id
            for n in range(count)
        ]
        for name, (model, count) in kinds.items()
    }


def _published_faq(number: int) -> str:
    answer = {"format": "markdown", "source": f"Answer **{number}**, in one short sentence."}
    faq = faqs.create(OPERATOR, {"title": f"Is this question {number}?", "body": answer})
    publishing.publish(OPERATOR, Faq, faq.id, None)
    return faq.id


def _values(article: Any, known: dict[str, list[str]], number: int) -> dict[str, Any]:
    return {
        "title": f"{article['title']}, part {number}",
        "slug": f"{article['slug']}-{number}",
        "excerpt": article["excerpt"],
        "body": {"format": "markdown", "source": article.content},
        "tag_ids": _some(known["tag_ids"], number, TAGS_EACH),
        "faq_ids": _some(known["faq_ids"], number, FAQS_EACH),
        "author_ids": _some(known["author_ids"], number, 1),
        "category_id": _some(known["category_id"], number, 1)[0],
        "seo": article["seo"],
    }


def _some(values: list[str], start: int, count: int) -> list[str]:
    """`count` different values; which ones depends on the post."""
    return [values[(start + n) % len(values)] for n in range(count)]


def _published_posts(batch: list[tuple[dict[str, Any], datetime]]) -> Iterator[str]:
    for values, published_at in batch:
        post = posts.create(OPERATOR, values)
        publishing.publish(OPERATOR, Post, post.id, None, Plan(published_at=published_at))
        yield post.slug
