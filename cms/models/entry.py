"""The working copy that editors change: what posts and FAQs have in common.

Publishing, slugs and revisions know entries only, so both kinds go one way.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    case,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.models.base import ID, Base, FoldedTitle, LongText, Slug, Versioned, byte_ordered
from cms.models.taxonomy import Tag
from cms.models.user import User


class Kind(StrEnum):
    POST = "post"
    FAQ = "faq"


class Status(StrEnum):
    """Derived from times, never set."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    OFFLINE = "offline"
    TRASHED = "trashed"


class BodyFormat(StrEnum):
    MARKDOWN = "markdown"
    HTML = "html"


class Entry(Versioned, Base):
    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_kind_updated_at_id", "kind", "updated_at", "id"),
        Index("ix_entries_kind_title_key_id", "kind", "title_key", "id"),
        Index("ix_entries_pipeline_version", "pipeline_version"),
    )

    kind: Mapped[Kind]
    locale: Mapped[str] = mapped_column(byte_ordered(16))
    slug: Mapped[Slug]
    # A post's title, a FAQ's question.
    title: Mapped[str] = mapped_column(String(300))
    title_key: Mapped[FoldedTitle]
    created_by: Mapped[str | None] = mapped_column(ID, ForeignKey(User.id, ondelete="SET NULL"))

    # The latest revision, and the one that the public sees.
    revision: Mapped[int] = mapped_column(default=0)
    live_revision: Mapped[int | None]
    # For each field its last change: `{"version", "at", "by"}`. Who saves too late is told.
    changed_in: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    live_from: Mapped[datetime | None]
    live_until: Mapped[datetime | None]
    # The first moment ever public, or the editor's backdated one. Feeds must not reorder.
    published_at: Mapped[datetime | None]

    body_format: Mapped[BodyFormat] = mapped_column(default=BodyFormat.MARKDOWN)
    word_count: Mapped[int] = mapped_column(default=0)
    pipeline_version: Mapped[int] = mapped_column(default=0)
    toc: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    body_source: Mapped[LongText] = mapped_column(default="")
    body_html: Mapped[LongText] = mapped_column(default="")

    tag_links: Mapped[list["EntryTag"]] = relationship(
        order_by="EntryTag.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    __mapper_args__ = {"polymorphic_on": "kind"}

    def status_at(self, now: datetime) -> Status:
        if self.live_from is None or self.live_until is None:
            return Status.DRAFT
        if now < self.live_from:
            return Status.SCHEDULED
        return Status.PUBLISHED if now < self.live_until else Status.OFFLINE

    def is_shown_or_waits_at(self, now: datetime) -> bool:
        return self.status_at(now) in {Status.PUBLISHED, Status.SCHEDULED}

    def has_unpublished_changes_at(self, now: datetime) -> bool:
        return self.status_at(now) is Status.PUBLISHED and self.revision != self.live_revision

    @classmethod
    def status_expression(cls, now: datetime) -> ColumnElement[str]:
        """`status_at`, for the database."""
        return case(
            (cls.live_from.is_(None), Status.DRAFT.value),
            (cls.live_from > now, Status.SCHEDULED.value),
            (cls.live_until > now, Status.PUBLISHED.value),
            else_=Status.OFFLINE.value,
        )

    @property
    def rendered(self) -> "Entry":
        """The entry again, as a body: source, HTML and headings."""
        return self

    @property
    def tag_ids(self) -> list[str]:
        return [link.tag_id for link in self.tag_links]


class EntryTag(Base):
    __tablename__ = "entry_tags"
    __table_args__ = (Index("ix_entry_tags_tag_id", "tag_id"),)

    entry_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Entry.id, ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[str] = mapped_column(ID, ForeignKey(Tag.id), primary_key=True)
    position: Mapped[int]


class EntrySlug(Base):
    """Who holds a slug: of a working copy, or of a row that is public or waits.

    A slug that an entry only had in the past is free for others; until one of them is public under
    it, it redirects (`published.present_slug`).
    """

    __tablename__ = "slugs"

    kind: Mapped[Kind] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(byte_ordered(16), primary_key=True)
    slug: Mapped[Slug] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(ID, ForeignKey(Entry.id, ondelete="CASCADE"), index=True)
