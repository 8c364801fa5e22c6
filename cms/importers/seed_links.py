"""What records say about each other: nothing is there twice, and nothing points nowhere."""

from collections.abc import Container, Iterable

from cms.importers.seed_errors import naming
from cms.importers.seed_fields import distinct
from cms.importers.seed_records import (
    TAXONOMY,
    SeedCategory,
    SeedComment,
    SeedFaq,
    SeedPost,
    SeedSet,
)

NAMED = ("categories", "tags", "authors", "faqs", "posts")


def refuse_repeats(seeds: SeedSet, known: SeedSet) -> None:
    for kind in NAMED:
        with naming(f"taxonomy.yaml: {kind}" if kind in TAXONOMY else kind), naming("slug"):
            distinct([item.slug for item in (*getattr(known, kind), *getattr(seeds, kind))])
    with naming("comments.yaml"), naming("key"):
        distinct([comment.key for comment in (*known.comments, *seeds.comments)])


def refuse_loose_ends(seeds: SeedSet, known: SeedSet) -> None:
    names = {
        kind: {item.slug for item in (*getattr(known, kind), *getattr(seeds, kind))}
        for kind in NAMED
    }
    refuse_late_parents(seeds.categories, {category.slug for category in known.categories})
    for kind in ("faqs", "posts"):
        for document in getattr(seeds, kind):
            with naming(f"{kind}/{document.slug}.md"):
                refuse_unknown_links(document, names)
    refuse_stray_picks(seeds, names["posts"])
    refuse_stray_comments(seeds.comments, names["posts"])


def refuse_unknown_links(document: SeedPost | SeedFaq, names: dict[str, set[str]]) -> None:
    for kind in ("tags", "authors", "faqs"):
        refuse_unknown(kind, getattr(document, kind, ()), names[kind])
    if isinstance(document, SeedPost):
        refuse_unknown("category", [document.category], names["categories"])


def refuse_stray_picks(seeds: SeedSet, posts: set[str]) -> None:
    own = {post.slug for post in seeds.posts if post.related}
    for name, picked in seeds.picks.items():
        with naming(f"posts/{name}.md: related" if name in own else f"related.yaml: {name}"):
            refuse_unknown("slug", [name, *(pick.slug for pick in picked)], posts)
            if name in {pick.slug for pick in picked}:
                raise ValueError("slug: a post can not be related to itself")


def refuse_late_parents(categories: Iterable[SeedCategory], above: set[str]) -> None:
    for category in categories:
        with naming(f"taxonomy.yaml: categories: {category.slug}"):
            if category.parent and category.parent not in above:
                raise ValueError(f"parent: there is no {category.parent!r} above it")
        above.add(category.slug)


def refuse_stray_comments(found: Iterable[SeedComment], posts: set[str]) -> None:
    above = set()
    for comment in found:
        with naming(f"comments.yaml: {comment.key}"):
            refuse_unknown("post", [comment.post], posts)
            if comment.reply_to and (comment.reply_to, comment.post) not in above:
                raise ValueError("reply_to: must be a comment above it, on the same post")
        above.add((comment.key, comment.post))


def refuse_unknown(column: str, given: Iterable[str], names: Container[str]) -> None:
    for name in given:
        if name not in names:
            raise ValueError(f"{column}: there is no {name!r}")
