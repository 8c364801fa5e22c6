"""What readers looked for and did not find: a count for each day, and nothing about readers."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import Base, byte_ordered


class SearchMiss(Base):
    """`locale` is that of the search, `*` for all; `query` the folded words of it."""

    __tablename__ = "search_misses"

    day: Mapped[date] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(byte_ordered(16), primary_key=True)
    query: Mapped[str] = mapped_column(byte_ordered(100), primary_key=True)
    count: Mapped[int]
