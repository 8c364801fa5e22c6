"""What seed content consists of: plain records that know neither files nor a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

STATUSES = ("pending", "approved", "spam", "rejected", "trashed")


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


# What `taxonomy.yaml` has, by section.
TAXONOMY = {"categories": SeedCategory, "tags": SeedTag, "authors": SeedAuthor}
