"""What a tag, category or author was once called, and what merged ones have become."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base, Slug


class FormerSlug(Base):
    """A slug that a term once had. Whoever has it now comes first."""

    __tablename__ = "former_slugs"

    # `tag`, `category` or `author`.
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    slug: Mapped[Slug] = mapped_column(primary_key=True)
    # Of one of three tables, so no foreign key.
    term_id: Mapped[str] = mapped_column(ID, index=True)


class MergedTerm(Base):
    """A term that is gone, and the one that stands for it: old revisions still name the first."""

    __tablename__ = "merged_terms"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    into_id: Mapped[str] = mapped_column(ID, index=True)
