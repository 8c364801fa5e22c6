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
    and_,
    case,
    false,
    func,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.models.base import ID, Base, FoldedTitle, LongText, Slug, Versioned, byte_ordered
from cms.models.taxonomy import Tag
from cms.models.user import User
from cms.times import FOREVER


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


# What `status_at` looks at, and what `has_unpublished_changes_at` looks at besides.
TIMES = ["trashed_at", "live_from", "live_until", "waiting_from", "waiting_until"]
STANDING = [*TIMES, "revision", "live_revision", "waiting_revision"]


def listing(*columns: str) -> Index:
    """An index that lists are in the order of. It knows every status: to find the few that have one
    among a hundred thousand that have another, no text is read."""
    return Index(f"ix_entries_kind_{'_'.join(columns)}_id", "kind", *columns, "id", *TIMES)


def few(column: str) -> Index:
    """An index over the entries that have a value in a column that few have."""
    only = text(f"{column} IS NOT NULL")
    name = f"ix_entries_{column}"
    return Index(name, "kind", column, "id", sqlite_where=only, postgresql_where=only)


class Entry(Versioned, Base):
    __tablename__ = "entries"
    __table_args__ = (
        listing("updated_at"),
        listing("created_at"),
        listing("title_key"),
        Index("ix_entries_pipeline_version", "pipeline_version"),
        Index("uq_entries_translation_group_locale", "translation_group", "locale", unique=True),
        # What the statuses of all are counted by, and what those are found by that few have.
        Index("ix_entries_standing", "kind", *STANDING, "id"),
        Index("ix_entries_live_until", "kind", "live_until", "id"),
        Index("ix_entries_created_by", "kind", "created_by", "id"),
        Index(
            "ix_entries_changed",
            *("kind", "live_revision", "revision", "id"),
            sqlite_where=text("live_revision != revision"),
            postgresql_where=text("live_revision != revision"),
        ),
        # Few entries wait, end or lie in the trash: what is asked of those reads no others.
        few("waiting_from"),
        few("live_ends_at"),
        few("trashed_at"),
    )

    kind: Mapped[Kind]
    locale: Mapped[str] = mapped_column(byte_ordered(16))
    slug: Mapped[Slug]
    # A post's title, a FAQ's question.
    title: Mapped[str] = mapped_column(String(300))
    title_key: Mapped[FoldedTitle]
    created_by: Mapped[str | None] = mapped_column(ID, ForeignKey(User.id, ondelete="SET NULL"))
    # What says the same in other languages has the same; one entry for each locale.
    translation_group: Mapped[str | None] = mapped_column(ID)

    # The latest revision, and the one that the public saw last.
    revision: Mapped[int] = mapped_column(default=0)
    live_revision: Mapped[int | None]
    # For each field its last change: `{"version", "at", "by"}`. Who saves too late is told.
    changed_in: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    live_from: Mapped[datetime | None]
    live_until: Mapped[datetime | None]
    # When it would end if nothing waited; null: never.
    live_ends_at: Mapped[datetime | None]
    # What the public will see next. Once it has begun, the next change makes it `live`.
    waiting_revision: Mapped[int | None]
    waiting_from: Mapped[datetime | None]
    waiting_until: Mapped[datetime | None]
    # The first moment ever public, or the editor's backdated one. Feeds must not reorder.
    published_at: Mapped[datetime | None]
    trashed_at: Mapped[datetime | None]

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
        if self.trashed_at is not None:
            return Status.TRASHED
        if self.shown_revision_at(now) is not None:
            return Status.PUBLISHED
        if self.waits_at(now):
            return Status.SCHEDULED
        began = self.live_from is not None or self.waiting_from is not None
        return Status.OFFLINE if began else Status.DRAFT

    def shown_revision_at(self, now: datetime) -> int | None:
        """The revision that the public sees at a moment."""
        if _within(now, self.waiting_from, self.waiting_until):
            return self.waiting_revision
        return self.live_revision if _within(now, self.live_from, self.live_until) else None

    def waits_at(self, now: datetime) -> bool:
        """Whether anything is still to begin."""
        starts = (self.live_from, self.waiting_from)
        return any(start is not None and start > now for start in starts)

    def is_shown_or_waits_at(self, now: datetime) -> bool:
        return self.shown_revision_at(now) is not None or self.waits_at(now)

    def starts_at(self, now: datetime) -> datetime | None:
        """When what waits begins."""
        starts = (self.live_from, self.waiting_from)
        return next((start for start in starts if start is not None and start > now), None)

    def ends_at(self, now: datetime) -> datetime | None:
        """When the last of what is or will be public is planned to end."""
        end = self.waiting_until or self.live_ends_at or FOREVER
        return end if now < end < FOREVER else None

    def has_unpublished_changes_at(self, now: datetime) -> bool:
        return self.shown_revision_at(now) not in {None, self.revision}

    @classmethod
    def has_unpublished_changes(cls, now: datetime) -> ColumnElement[bool]:
        """`has_unpublished_changes_at`, for the database."""
        differs = func.coalesce(cls.shown_revision(now) != cls.revision, false())
        return and_(cls.trashed_at.is_(None), differs)

    @classmethod
    def shown_revision(cls, now: datetime) -> ColumnElement[int | None]:
        """`shown_revision_at`, for the database."""
        waiting = and_(cls.waiting_from <= now, cls.waiting_until > now)
        live = and_(cls.live_from <= now, cls.live_until > now)
        return case((waiting, cls.waiting_revision), (live, cls.live_revision))

    @classmethod
    def status_is(cls, status: Status, now: datetime) -> ColumnElement[bool]:
        """`status_at`, for the database."""
        if status is Status.TRASHED:
            return cls.trashed_at.is_not(None)
        return and_(cls.trashed_at.is_(None), cls._untrashed(now)[status])

    @classmethod
    def _untrashed(cls, now: datetime) -> dict[Status, ColumnElement[bool]]:
        """Written so that of most rows one comparison or two tell: a list may look at very many."""
        live, waiting = (cls.live_from, cls.live_until), (cls.waiting_from, cls.waiting_until)
        shown = or_(*(and_(start <= now, end > now) for start, end in (live, waiting)))
        waits = or_(cls.live_from > now, cls.waiting_from > now)
        over = [or_(start.is_(None), end <= now) for start, end in (live, waiting)]
        began = or_(cls.live_from.is_not(None), cls.waiting_from.is_not(None))
        return {
            Status.PUBLISHED: shown,
            Status.SCHEDULED: and_(waits, _never(shown)),
            Status.OFFLINE: and_(*over, began),
            Status.DRAFT: ~began,
        }

    @property
    def rendered(self) -> "Entry":
        """The entry again, as a body: source, HTML and headings."""
        return self

    @property
    def tag_ids(self) -> list[str]:
        return [link.tag_id for link in self.tag_links]


def _within(now: datetime, start: datetime | None, end: datetime | None) -> bool:
    return start is not None and end is not None and start <= now < end


def _never(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The opposite of a condition whose columns may be null."""
    return ~func.coalesce(condition, false())


class EntryTag(Base):
    __tablename__ = "entry_tags"
    __table_args__ = (Index("ix_entry_tags_tag_id", "tag_id"),)

    entry_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Entry.id, ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[str] = mapped_column(ID, ForeignKey(Tag.id), primary_key=True)
    position: Mapped[int]
