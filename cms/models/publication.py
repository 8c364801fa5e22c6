"""What the public may see, and when: frozen text over intervals of time.

A row is public while `visible_from <= now < visible_until`. Nothing else decides it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.models.base import ID, Base, FoldedTitle, LongText, Slug, byte_ordered
from cms.models.entry import Entry, Kind
from cms.times import FOREVER


def present_index(*columns: str) -> Index:
    """An index over live and waiting rows only, so that history never slows the present."""
    only = text("NOT past")
    name = f"ix_publications_{'_'.join(columns)}"
    return Index(name, *columns, sqlite_where=only, postgresql_where=only)


class Publication(Base):
    __tablename__ = "publications"
    # No full index may share its leading columns with a partial one: SQLite would choose it, and
    # walk through the past. Hence the order of the unique constraint.
    __table_args__ = (
        UniqueConstraint("visible_from", "entry_id"),
        CheckConstraint("visible_until > visible_from", name="ends_after_start"),
        present_index("kind", "locale", "slug", "visible_from"),
        present_index("kind", "locale", "published_at", "entry_id"),
        present_index("kind", "locale", "visible_from", "entry_id"),
        present_index("kind", "locale", "title_key", "entry_id"),
        present_index("kind", "locale", "position", "entry_id"),
        present_index("translation_group", "locale"),
        # Where a slug of the past leads.
        Index(
            "ix_publications_former_slugs",
            "kind",
            "locale",
            "slug",
            sqlite_where=text("past"),
            postgresql_where=text("past"),
        ),
        present_index("visible_until"),
        present_index("visible_from"),
        present_index("pipeline_version"),
        # By owner: the present and the past apart, and what a removed entry takes with it.
        Index("ix_publications_entry_id_past_visible_from", "entry_id", "past", "visible_from"),
        # Ids number the full-text index later, and must never be used twice.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind]
    entry_id: Mapped[str] = mapped_column(ID, ForeignKey(Entry.id, ondelete="CASCADE"))
    revision: Mapped[int]
    locale: Mapped[str] = mapped_column(byte_ordered(16))
    slug: Mapped[Slug]
    title_key: Mapped[FoldedTitle]
    position: Mapped[int] = mapped_column(default=0)
    # As the entry's, at any time.
    translation_group: Mapped[str | None] = mapped_column(ID)
    published_at: Mapped[datetime]
    visible_from: Mapped[datetime]
    visible_until: Mapped[datetime] = mapped_column(default=FOREVER)
    past: Mapped[bool] = mapped_column(default=False)
    # What rendered it: after a fix of the sanitiser, older rows are rendered again.
    pipeline_version: Mapped[int]

    correction_note: Mapped[str | None] = mapped_column(Text)
    # Those of `links` that a post shows by name, as `tag:ID`, with commas, by kind and in order:
    # to put them together takes a fifth of what reading the whole post does.
    names: Mapped[LongText] = mapped_column(default="")
    # JSON as text, ready to be read without an ORM. `summary` is what a list shows; `details` is
    # what else the single post shows, or a FAQ as posts show it; `body` is a post's HTML and
    # headings, or a FAQ's answer. All of it is public, and shown in this order.
    summary: Mapped[LongText]
    details: Mapped[LongText]
    body: Mapped[LongText]
    body_markdown: Mapped[LongText]

    links: Mapped[list["PublicationLink"]] = relationship(
        order_by="PublicationLink.position", cascade="all, delete-orphan", lazy="select"
    )


class LinkKind(StrEnum):
    CATEGORY = "category"
    TAG = "tag"
    AUTHOR = "author"
    FAQ = "faq"
    RELATED = "related"
    EXCLUDED = "excluded"
    HERO = "hero"
    # What the body names.
    MEDIA = "media"


# What is shown by its name.
SHOWN = (LinkKind.AUTHOR, LinkKind.CATEGORY, LinkKind.FAQ, LinkKind.HERO, LinkKind.TAG)


class PublicationLink(Base):
    """What a frozen text names, in order, by id: its names are looked up when it is read."""

    __tablename__ = "publication_links"
    # Read together, so stored together.
    __table_args__ = ({"sqlite_with_rowid": False},)

    publication_id: Mapped[int] = mapped_column(
        ForeignKey(Publication.id, ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[LinkKind] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[str] = mapped_column(ID)
    note: Mapped[str | None] = mapped_column(String(300))


# The term of every row of a kind.
EVERY_ROW = ""


def _terms_by(column: str, only: Any = None) -> Index:
    """The index of lists of a term, by one column."""
    columns = ("term", "kind", "locale", column, "entry_id")
    name = f"ix_publication_terms_{column}"
    return Index(name, *columns, sqlite_where=only, postgresql_where=only)


class PublicationTerm(Base):
    """What a live or waiting row is found by: `tag:ID`, `category:ID`, `media:ID`, …; with all that
    lists are put in order by, as the row has it.
    """

    __tablename__ = "publication_terms"
    __table_args__ = (
        Index("ix_publication_terms_listing", "term", "kind", "locale", "published_at", "entry_id"),
        _terms_by("visible_from"),
        _terms_by("title_key"),
        # Posts have no place.
        _terms_by("position", text("kind = 'faq'")),
    )

    publication_id: Mapped[int] = mapped_column(
        ForeignKey(Publication.id, ondelete="CASCADE"), primary_key=True
    )
    term: Mapped[str] = mapped_column(byte_ordered(64), primary_key=True)
    kind: Mapped[Kind]
    locale: Mapped[str] = mapped_column(byte_ordered(16))
    published_at: Mapped[datetime]
    entry_id: Mapped[str] = mapped_column(ID)
    visible_from: Mapped[datetime]
    title_key: Mapped[FoldedTitle]
    position: Mapped[int]


class PublicationCount(Base):
    """How many live and waiting rows a term has; the empty term counts all of a kind."""

    __tablename__ = "publication_counts"

    kind: Mapped[Kind] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(byte_ordered(16), primary_key=True)
    term: Mapped[str] = mapped_column(byte_ordered(64), primary_key=True)
    total: Mapped[int]
