"""A site of many posts of a hundred words, with FAQs and comments: the first through the services.

The rest are copies of these, row by row, with other words: see `copies`.
"""

from itertools import islice

from benchmarks import conversations, copies, words
from benchmarks.copies import Pattern, Words
from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import Author, Category, Faq, Post, Tag
from cms.services import (
    faqs,
    migrating,
    posts,
    publishing,
    related,
    search_newest,
    search_pieces,
    taxonomy,
)
from cms.services.publishing import Plan
from cms.times import utc_now

TAGS, CATEGORIES, AUTHORS, FAQS = 20, 5, 3, 30
TAGS_EACH, FAQS_EACH = 4, 3
# Each pattern names other tags, FAQs and people.
PATTERNS = 20
# Who has comments: one post of so many; and the first one has a long thread.
COMMENTED, COMMENTS_EACH, LONGEST_THREAD = 10, 3, 1000


def fill(count: int) -> list[str]:
    """Inside the application, on an empty database: `count` public posts; their slugs."""
    migrating.upgrade(db.engine)
    known = _named()
    said = words.texts(count, utc_now() - words.APART)
    slugs: list[str] = []
    ids: list[str] = []
    with transaction():
        for number, one in enumerate(islice(said, PATTERNS)):
            ids.append(publish(one, known, number).id)
            slugs.append(one.slug)
    with transaction():
        while related.refresh(utc_now()):
            pass
    first = words.texts(count, utc_now())
    patterns = [Pattern(one, text.parts) for one, text in zip(ids, first, strict=False)]

    def others():
        for one in said:
            slugs.append(one.slug)
            yield one

    copies.write(patterns, others(), ids)
    conversations.fill(ids[::COMMENTED], COMMENTS_EACH)
    conversations.fill(ids[:1], LONGEST_THREAD)
    settle()
    return slugs


def publish(one: Words, known: dict[str, list[str]], number: int) -> Post:
    """Really published, inside a transaction."""
    post = posts.create(OPERATOR, _values(one, known, number))
    publishing.publish(OPERATOR, Post, post.id, None, Plan(published_at=one.moment))
    return post


def _named() -> dict[str, list[str]]:
    kinds = {"tag_ids": (Tag, TAGS), "category_id": (Category, CATEGORIES)}
    kinds["author_ids"] = (Author, AUTHORS)
    with transaction():
        found = {
            name: [
                taxonomy.create(OPERATOR, model, {"name": f"{model.__name__} {n}"}).id
                for n in range(count)
            ]
            for name, (model, count) in kinds.items()
        }
        return found | {"faq_ids": [_published_faq(number) for number in range(FAQS)]}


def _published_faq(number: int) -> str:
    answer = {"format": "markdown", "source": f"Answer **{number}**, in one short sentence."}
    faq = faqs.create(OPERATOR, {"title": f"Is this question {number}?", "body": answer})
    publishing.publish(OPERATOR, Faq, faq.id, None)
    return faq.id


def _values(one: Words, known: dict[str, list[str]], number: int) -> dict[str, object]:
    return {
        "title": one.title,
        "slug": one.slug,
        "excerpt": "What small trials say, and what they do not.",
        "body": {"format": "markdown", "source": "\n\n".join(one.parts)},
        "tag_ids": _some(known["tag_ids"], number, TAGS_EACH),
        "faq_ids": _some(known["faq_ids"], number, FAQS_EACH),
        "author_ids": _some(known["author_ids"], number, 1),
        "category_id": _some(known["category_id"], number, 1)[0],
    }


def _some(values: list[str], start: int, count: int) -> list[str]:
    """`count` different values; which ones depends on the post."""
    return [values[(start + n) % len(values)] for n in range(count)]


def settle() -> None:
    """As a site is that was not written all at once: PostgreSQL has its statistics, and a worker
    has looked after SQLite's index.
    """
    while _tidied():
        pass
    db.session.remove()
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")
        else:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _tidied() -> int:
    with transaction():
        return search_pieces.join() + search_newest.keep()
