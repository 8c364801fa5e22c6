"""What posts and FAQs are filed under: tags, categories, and the authors readers see."""

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base, LongText, Slug, Versioned
from cms.models.media import Media


class Tag(Versioned, Base):
    __tablename__ = "tags"

    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[LongText] = mapped_column(default="")


class Category(Versioned, Base):
    __tablename__ = "categories"

    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[LongText] = mapped_column(default="")
    parent_id: Mapped[str | None] = mapped_column(ID, ForeignKey("categories.id"), index=True)


class Author(Versioned, Base):
    """A byline. It needs no account, and an account needs no byline."""

    __tablename__ = "authors"

    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[LongText] = mapped_column(default="")
    credentials: Mapped[str | None] = mapped_column(String(120))
    bio: Mapped[LongText] = mapped_column(default="")
    links: Mapped[list[str]] = mapped_column(JSON, default=list)
    photo_media_id: Mapped[str | None] = mapped_column(ID, ForeignKey(Media.id), index=True)
