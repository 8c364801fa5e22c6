"""From seed records to objects, in the order in which they need each other."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import exists, select

from cms.actor import OPERATOR
from cms.extensions import db
from cms.importers.seed_records import (
    SeedCategory,
    SeedComment,
    SeedFaq,
    SeedPick,
    SeedPost,
    SeedSet,
)
from cms.models import Author, Category, Entry, Faq, Post, Revision, Tag
from cms.services import clock, faqs, former, posts, publishing, seed_comments, taxonomy
from cms.services.publishing import Plan
from cms.services.seed_ledger import Ledger


class Loading:
    """One set on its way in."""

    def __init__(self, ledger: Ledger, seeds: SeedSet) -> None:
        self.ledger = ledger
        self.seeds = seeds
        self.made: Counter[str] = Counter()
        # Posts that this run made, which nobody can have changed.
        self.new_posts: dict[str, SeedPost] = {}

    def add(
        self, kind: str, key: str, theirs: str | None, make: Callable[[], str | None]
    ) -> str | None:
        """Make an object and remember it; leave alone what an editor made under this name."""
        if (kind, key) in self.ledger:
            return None
        made = None if theirs else make()
        self.ledger.keep(kind, key, made)
        self.made[kind] += made is not None
        return made


def add_terms(loading: Loading) -> None:
    seeds = loading.seeds
    for kind, model, records in (
        ("category", Category, seeds.categories),
        ("tag", Tag, seeds.tags),
        ("author", Author, seeds.authors),
    ):
        for seed in records:
            theirs = former.id_of(model, seed.slug)
            values = term_values(loading.ledger, seed)
            loading.add(kind, seed.slug, theirs, partial(new_term, model, values))


def new_term(model: type[Tag | Category | Author], values: dict[str, Any]) -> str:
    return taxonomy.create(OPERATOR, model, values).id


def term_values(ledger: Ledger, seed: Any) -> dict[str, Any]:
    values = {name: value for name, value in vars(seed).items() if value is not None}
    if isinstance(seed, SeedCategory) and seed.parent:
        values["parent_id"] = ledger.id_of("category", values.pop("parent"))
    return values


def add_faqs(loading: Loading) -> None:
    for seed in loading.seeds.faqs:
        theirs = entry_with_slug(Faq, seed)
        made = loading.add("faq", seed.slug, theirs, partial(new_faq, loading.ledger, seed))
        shown = [post.published_at for post in loading.seeds.posts if seed.slug in post.faqs]
        if made:
            publish(Faq, made, min((moment for moment in shown if moment), default=None))


def new_faq(ledger: Ledger, seed: SeedFaq) -> str:
    values = {
        "slug": seed.slug,
        "title": seed.question,
        "locale": seed.locale,
        "body": {"format": "markdown", "source": seed.answer},
        "tag_ids": ledger.ids_of("tag", seed.tags),
        "position": seed.position,
    }
    return faqs.create(OPERATOR, values).id


def add_drafts(loading: Loading) -> None:
    """All before any is published, so that posts can pick each other."""
    for seed in loading.seeds.posts:
        theirs = entry_with_slug(Post, seed)
        if loading.add("post", seed.slug, theirs, partial(new_post, loading.ledger, seed)):
            loading.new_posts[seed.slug] = seed


def new_post(ledger: Ledger, seed: SeedPost) -> str:
    values = {
        "slug": seed.slug,
        "title": seed.title,
        "locale": seed.locale,
        "excerpt": seed.excerpt,
        "body": {"format": "markdown", "source": seed.body},
        "category_id": ledger.id_of("category", seed.category),
        "tag_ids": ledger.ids_of("tag", seed.tags),
        "author_ids": ledger.ids_of("author", seed.authors),
        "faq_ids": ledger.ids_of("faq", seed.faqs),
        "seo": {name: value for name, value in vars(seed.seo).items() if value is not None},
        "comments_open": seed.comments_open,
    }
    return posts.create(OPERATOR, values).id


def add_picks(loading: Loading) -> None:
    ledger = loading.ledger
    for slug, picks in loading.seeds.picks.items():
        post_id = ledger.id_of("post", slug)
        if ("picks", slug) not in ledger:
            ledger.keep("picks", slug, post_id)
            if post_id and (slug in loading.new_posts or is_untouched(post_id)):
                pick(loading, slug, post_id, picks)


def pick(loading: Loading, slug: str, post_id: str, picks: Iterable[SeedPick]) -> None:
    found = [(loading.ledger.id_of("post", one.slug), one.note) for one in picks]
    related = [{"post_id": one, "note": note} for one, note in found if one]
    post = posts.set_related(OPERATOR, post_id, None, related, [])
    # A post of another set is public already; its new neighbours should be too.
    if slug not in loading.new_posts and post.has_unpublished_changes_at(clock.now()):
        publish(Post, post_id, None)


def is_untouched(post_id: str) -> bool:
    """Whether no person has ever saved this post, or picked its neighbours."""
    theirs = exists().where(Revision.entry_id == post_id, Revision.created_by.is_not(None))
    return not db.session.scalar(select(theirs))


def publish_posts(loading: Loading) -> None:
    for slug, seed in loading.new_posts.items():
        post_id = loading.ledger.id_of("post", slug)
        if seed.published and post_id:
            publish(Post, post_id, seed.published_at)


def publish(model: type[Entry], entry_id: str, published_at: datetime | None) -> None:
    publishing.publish(OPERATOR, model, entry_id, None, Plan(published_at=published_at))


def add_comments(loading: Loading) -> None:
    for seed in loading.seeds.comments:
        loading.add("comment", seed.key, None, partial(new_comment, loading.ledger, seed))


def new_comment(ledger: Ledger, seed: SeedComment) -> str | None:
    post_id = ledger.id_of("post", seed.post)
    parent_id = ledger.id_of("comment", seed.reply_to) if seed.reply_to else None
    if post_id is None or (seed.reply_to and parent_id is None):
        return None
    return seed_comments.add(post_id, parent_id, seed)


def entry_with_slug(model: type[Entry], seed: SeedFaq | SeedPost) -> str | None:
    query = select(model.id).where(model.locale == seed.locale, model.slug == seed.slug)
    return db.session.scalar(query)


# Everything but comments.
CONTENT = [add_terms, add_faqs, add_drafts, add_picks, publish_posts]
