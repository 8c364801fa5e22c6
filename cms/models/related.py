"""What posts have in common, worked out beforehand; and whose neighbours are to be looked for."""

from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base
from cms.models.entry import Entry


class SimilarPost(Base):
    """One neighbour of a post, public or not: who reads asks that. The best has position 0.

    The reasons are those of two texts, and told while these are public.
    """

    __tablename__ = "similar_posts"
    __table_args__ = (Index("ix_similar_posts_similar_id", "similar_id"),)

    post_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Entry.id, ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    similar_id: Mapped[str] = mapped_column(ID, ForeignKey(Entry.id, ondelete="CASCADE"))
    score: Mapped[float] = mapped_column(Float(53))
    reasons: Mapped[list[Any]] = mapped_column(JSON)
    # Publications: their words never change, and their numbers are never used again. An older
    # program did not say which they were.
    publication_id: Mapped[int | None]
    similar_publication_id: Mapped[int | None]


class SimilarDue(Base):
    """A post whose neighbours are to be looked for, and, if it `spreads`, theirs after it."""

    __tablename__ = "similar_due"

    post_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Entry.id, ondelete="CASCADE"), primary_key=True
    )
    spreads: Mapped[bool]
