"""A post: an entry with an excerpt, a place in the taxonomy, FAQs and picked neighbours."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.models.base import ID, Base, LongText
from cms.models.entry import Entry, Kind
from cms.models.faq import Faq
from cms.models.media import Media
from cms.models.review import Review
from cms.models.taxonomy import Author, Category

# A row goes with what it names, and may have gone when somebody is about to take it out.
GOES_BY_ITSELF = {"confirm_deleted_rows": False}


class Post(Entry):
    __tablename__ = "posts"
    __mapper_args__ = {"polymorphic_identity": Kind.POST}

    id: Mapped[str] = mapped_column(ID, ForeignKey(Entry.id, ondelete="CASCADE"), primary_key=True)
    excerpt: Mapped[LongText] = mapped_column(default="")
    category_id: Mapped[str | None] = mapped_column(ID, ForeignKey(Category.id), index=True)
    hero_media_id: Mapped[str | None] = mapped_column(ID, ForeignKey(Media.id), index=True)
    seo: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    comments_open: Mapped[bool] = mapped_column(default=True)
    # In the order in which readers see them numbered; each has every key of a source.
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # Of the latest review, so that what is due is found without reading the others.
    review_due_on: Mapped[date | None] = mapped_column(index=True)
    # The due day that was announced.
    review_announced_on: Mapped[date | None]

    author_links: Mapped[list["PostAuthor"]] = relationship(
        order_by="PostAuthor.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    faq_links: Mapped[list["PostFaq"]] = relationship(
        order_by="PostFaq.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    picks: Mapped[list["RelatedPick"]] = relationship(
        foreign_keys="RelatedPick.post_id",
        order_by="RelatedPick.position",
        cascade="all, delete-orphan",
        lazy="raise_on_sql",
    )
    exclusions: Mapped[list["RelatedExclusion"]] = relationship(
        foreign_keys="RelatedExclusion.post_id",
        order_by="RelatedExclusion.excluded_id",
        cascade="all, delete-orphan",
        lazy="raise_on_sql",
    )

    reviews: Mapped[list[Review]] = relationship(
        order_by=(Review.revision, Review.created_at, Review.id), lazy="raise_on_sql"
    )

    @property
    def review(self) -> Review | None:
        """The latest."""
        return self.reviews[-1] if self.reviews else None

    @property
    def author_ids(self) -> list[str]:
        return [link.author_id for link in self.author_links]

    @property
    def faq_ids(self) -> list[str]:
        return [link.faq_id for link in self.faq_links]

    @property
    def related(self) -> list[dict[str, str | None]]:
        return [{"post_id": pick.related_id, "note": pick.note} for pick in self.picks]

    @property
    def excluded(self) -> list[str]:
        return [exclusion.excluded_id for exclusion in self.exclusions]


class PostAuthor(Base):
    __tablename__ = "post_authors"
    __table_args__ = (Index("ix_post_authors_author_id", "author_id"),)

    post_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True
    )
    author_id: Mapped[str] = mapped_column(ID, ForeignKey(Author.id), primary_key=True)
    position: Mapped[int]


class PostFaq(Base):
    __tablename__ = "post_faqs"
    __mapper_args__ = GOES_BY_ITSELF
    __table_args__ = (Index("ix_post_faqs_faq_id", "faq_id"),)

    post_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True
    )
    faq_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Faq.id, ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int]


class RelatedPick(Base):
    """An editor's hand-picked link from one post to another, in order."""

    __tablename__ = "related_picks"
    __mapper_args__ = GOES_BY_ITSELF
    __table_args__ = (
        CheckConstraint("post_id != related_id", name="not_itself"),
        Index("ix_related_picks_related_id", "related_id"),
    )

    post_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True
    )
    related_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int]
    note: Mapped[str | None] = mapped_column(String(300))


class RelatedExclusion(Base):
    """A post that must never be suggested beside another."""

    __tablename__ = "related_exclusions"
    __mapper_args__ = GOES_BY_ITSELF
    __table_args__ = (
        CheckConstraint("post_id != excluded_id", name="not_itself"),
        Index("ix_related_exclusions_excluded_id", "excluded_id"),
    )

    post_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True
    )
    excluded_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True
    )
