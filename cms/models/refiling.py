"""What is to be filed anew in the full-text index, after terms were exchanged."""

from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import Base, LongText, byte_ordered

# No publication has such a number yet.
BEHIND_ALL = 2**31 - 1


class Refiling(Base):
    """Of the rows that `term` finds, those from the publication `reached` on are filed by what they
    are found by; all, where that is 0. Until all are of all terms, the index is not to be asked for
    the `changed` ones, which have commas between them.
    """

    __tablename__ = "refilings"
    # One that a worker has done is another than one that came meanwhile.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(byte_ordered(64))
    changed: Mapped[LongText]
    reached: Mapped[int] = mapped_column(default=BEHIND_ALL)
