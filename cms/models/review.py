"""What a professional said of a text: who read which revision, when, and until when it holds."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.models.base import ID, Base, Identified
from cms.models.entry import Entry
from cms.models.taxonomy import Author


class Review(Identified, Base):
    """One review of exactly one revision. Rows are only ever added."""

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("due_on > reviewed_on", name="due_after_review"),
        # The latest review of a text, and of all before it, is one step in here.
        Index("ix_reviews_latest", "entry_id", "revision", "created_at", "id"),
    )

    entry_id: Mapped[str] = mapped_column(ID, ForeignKey(Entry.id, ondelete="CASCADE"))
    revision: Mapped[int]
    reviewed_by: Mapped[str] = mapped_column(ID, ForeignKey(Author.id), index=True)
    reviewed_on: Mapped[date]
    due_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(ID)

    reviewer: Mapped[Author] = relationship(lazy="joined", innerjoin=True)
    entry: Mapped[Entry] = relationship(viewonly=True, lazy="raise_on_sql")

    @property
    def is_of_present_text(self) -> bool:
        return self.revision == self.entry.revision

    def is_overdue_on(self, day: date) -> bool:
        return self.due_on is not None and self.due_on < day
