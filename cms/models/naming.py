"""What entries are found by: the slugs that they hold, and the words that editors look for."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base, Slug, byte_ordered
from cms.models.entry import Entry, Kind


class EntrySlug(Base):
    """Who holds a slug: of a working copy, or of a row that is public or waits.

    A slug that an entry only had in the past is free for others; until one of them is public under
    it, it redirects (`statements.present_slug`).
    """

    __tablename__ = "slugs"

    kind: Mapped[Kind] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(byte_ordered(16), primary_key=True)
    slug: Mapped[Slug] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(ID, ForeignKey(Entry.id, ondelete="CASCADE"), index=True)


class EntryWord(Base):
    """A word of a working copy's title or slug, folded: what editors find it by."""

    __tablename__ = "entry_words"
    __table_args__ = (Index("ix_entry_words_kind_word_entry_id", "kind", "word", "entry_id"),)

    entry_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Entry.id, ondelete="CASCADE"), primary_key=True
    )
    word: Mapped[str] = mapped_column(byte_ordered(64), primary_key=True)
    kind: Mapped[Kind]
