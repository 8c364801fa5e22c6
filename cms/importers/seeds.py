"""Read seed content: a folder of Markdown and YAML in, plain records out.

It never touches a database. What is wrong, misspelt or points nowhere is refused here, naming the
file and the field, so that whoever saves the records need not look again.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import frontmatter
import yaml

from cms.errors import CmsError

Check = Callable[[Any], Any]

STATUSES = ("pending", "approved", "spam", "rejected", "trashed")


class SeedError(CmsError):
    """Seed content that can not be used. The message names the file and the field."""

    status = 422

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="seed_invalid")


@dataclass(frozen=True, kw_only=True)
class SeedCategory:
    slug: str
    name: str
    description: str | None = None
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeedTag:
    slug: str
    name: str
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeedAuthor:
    slug: str
    name: str
    credentials: str | None = None
    bio: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeedFaq:
    slug: str
    question: str
    answer: str
    locale: str
    tags: tuple[str, ...] = ()
    position: int = 0


@dataclass(frozen=True, kw_only=True)
class SeedSeo:
    title: str | None = None
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeedPick:
    slug: str
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeedPost:
    """One post; `body` is Markdown. Only a draft (`published` is false) may lack `published_at`."""

    slug: str
    title: str
    locale: str
    category: str
    authors: tuple[str, ...]
    excerpt: str
    body: str
    tags: tuple[str, ...] = ()
    published: bool = True
    published_at: datetime | None = None
    comments_open: bool = True
    faqs: tuple[str, ...] = ()
    related: tuple[SeedPick, ...] = ()
    seo: SeedSeo = SeedSeo()


@dataclass(frozen=True, kw_only=True)
class SeedComment:
    """A reader's comment on the post with the slug `post`; `reply_to` is another one's `key`."""

    key: str
    post: str
    author_name: str
    author_email: str
    author_url: str | None = None
    body: str
    status: str
    created_at: datetime
    reply_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeedSet:
    """Everything in one folder, in an order in which it can be saved.

    Parents come before what names them. `picks` holds all related posts, by the slug of the post
    that shows them: those in the posts' own front matter, and those of `related.yaml`.
    """

    categories: tuple[SeedCategory, ...] = ()
    tags: tuple[SeedTag, ...] = ()
    authors: tuple[SeedAuthor, ...] = ()
    faqs: tuple[SeedFaq, ...] = ()
    posts: tuple[SeedPost, ...] = ()
    comments: tuple[SeedComment, ...] = ()
    picks: Mapping[str, tuple[SeedPick, ...]] = field(default_factory=lambda: MappingProxyType({}))


def read(folder: Path, known: SeedSet | None = None) -> SeedSet:
    """Read `taxonomy.yaml`, `faqs/`, `posts/`, `comments.yaml` and `related.yaml`, where present.

    `known` is a set that this one adds to: what is in it may be named here, but not be there again.
    Raises SeedError for the first fault.
    """
    known = known or SeedSet()
    with naming(folder):
        if not folder.is_dir():
            raise ValueError("there is no such folder")
        seeds = unchecked(folder)
        refuse_repeats(seeds, known)
        refuse_loose_ends(seeds, known)
        return seeds


# From files to records.

TAXONOMY = {"categories": SeedCategory, "tags": SeedTag, "authors": SeedAuthor}


def unchecked(folder: Path) -> SeedSet:
    posts = tuple(documents(folder / "posts", SeedPost, "body"))
    return SeedSet(
        **taxonomy(folder / "taxonomy.yaml"),
        faqs=tuple(documents(folder / "faqs", SeedFaq, "answer")),
        posts=posts,
        comments=comments(folder / "comments.yaml"),
        picks=MappingProxyType(all_picks(folder / "related.yaml", posts)),
    )


def taxonomy(path: Path) -> dict[str, tuple[Any, ...]]:
    found = {}
    with naming(path.name):
        raw = mapping(loaded(path, absent={}))
        refuse_unknown_fields(raw, TAXONOMY)
        for name, kind in TAXONOMY.items():
            with naming(name):
                found[name] = records(kind, raw.get(name, []))
    return found


def documents(folder: Path, kind: type, content: str) -> Iterator[Any]:
    for path in sorted(folder.glob("*.md")):
        with naming(f"{folder.name}/{path.name}"):
            front, below = frontmatter.parse(path.read_text("utf-8-sig"))
            document = record(kind, front, **{content: below})
            if document.slug != path.stem:
                raise ValueError("slug: must be the name of the file, without .md")
            yield document


def comments(path: Path) -> tuple[SeedComment, ...]:
    with naming(path.name):
        return records(SeedComment, loaded(path, absent=[]))


def all_picks(path: Path, posts: Iterable[SeedPost]) -> dict[str, tuple[SeedPick, ...]]:
    found = {post.slug: post.related for post in posts if post.related}
    with naming(path.name):
        for name, raw in mapping(loaded(path, absent={})).items():
            with naming(name):
                if name in found:
                    raise ValueError("the post names its related posts in its own file")
                found[name] = picks(raw)
    return found


def loaded(path: Path, absent: Any) -> Any:
    return yaml.safe_load(path.read_text("utf-8-sig")) if path.exists() else absent


@contextmanager
def naming(place: object) -> Iterator[None]:
    """Put the place in front of what is wrong in it, from the field outwards to the folder."""
    try:
        yield
    except (SeedError, ValueError, yaml.YAMLError) as error:
        raise SeedError(f"{place}: {error}") from error


# From raw values to one record. A check gives the value to keep, or raises ValueError.


def records(kind: type, raw: Any) -> tuple[Any, ...]:
    return each(raw, lambda entry: record(kind, entry))


def record(kind: type, raw: Any, **below: str) -> Any:
    """Build one record from its front matter and from the text below it."""
    refuse_unknown_fields(mapping(raw), {column.name for column in fields(kind)} - below.keys())
    made = kind(**{column.name: checked(column, raw | below) for column in fields(kind)})
    if isinstance(made, SeedPost) and made.published and made.published_at is None:
        raise ValueError("published_at: is missing, and the post is not marked published: false")
    return made


def checked(column: Field, raw: dict) -> Any:
    with naming(column.name):
        if column.name not in raw and column.default is MISSING:
            raise ValueError("is missing")
        given = raw.get(column.name, column.default)
        return given if given is column.default else CHECKS.get(column.name, text)(given)


def refuse_unknown_fields(raw: dict, allowed: Container[str]) -> None:
    for name in raw:
        if name not in allowed:
            raise ValueError(f"{name}: unknown field")


def mapping(value: Any) -> dict:
    if not isinstance(value, dict):
        raise ValueError("must be fields with values")
    return value


def each(value: Any, check: Check) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list")
    found = []
    for number, entry in enumerate(value, start=1):
        with naming(f"entry {number}"):
            found.append(check(entry))
    return tuple(found)


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be text, and not empty")
    return value.strip()


def shaped(pattern: str, wanted: str) -> Check:
    def check(value: Any) -> str:
        if not re.fullmatch(pattern, text(value)):
            raise ValueError(f"must be {wanted}, not {value!r}")
        return value.strip()

    return check


def exactly(kind: type, wanted: str) -> Check:
    def check(value: Any) -> Any:
        if type(value) is not kind:  # For isinstance, True is an int too.
            raise ValueError(f"must be {wanted}, not {value!r}")
        return value

    return check


def moment(value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("must be a time with an offset, like 2026-01-12T09:00:00Z")
    return value.astimezone(UTC)


def slugs(value: Any) -> tuple[str, ...]:
    return distinct(each(value, slug))


def picks(value: Any) -> tuple[SeedPick, ...]:
    found = records(SeedPick, value)
    distinct([pick.slug for pick in found])
    return found


def distinct(names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name!r} is there twice")
    return names


slug = shaped(r"[a-z0-9]+(-[a-z0-9]+)*", "a slug like multiple-sclerosis")

# A field's name says what it holds, in every file. What is not named here is text.
CHECKS: dict[str, Check] = {
    **dict.fromkeys(("slug", "category", "parent", "post", "key", "reply_to"), slug),
    **dict.fromkeys(("tags", "authors", "faqs"), slugs),
    **dict.fromkeys(("published_at", "created_at"), moment),
    **dict.fromkeys(("published", "comments_open"), exactly(bool, "true or false")),
    "position": exactly(int, "a whole number"),
    "locale": shaped(r"[a-z]{2,3}(-[A-Z]{2})?", "a locale like en or pt-BR"),
    "status": shaped("|".join(STATUSES), f"one of {', '.join(STATUSES)}"),
    "author_email": shaped(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an email address"),
    "author_url": shaped(r"https?://\S+", "a web address"),
    "related": picks,
    "seo": lambda value: record(SeedSeo, value),
}


# What records say about each other.

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
