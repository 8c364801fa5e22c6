"""Terms by which the full-text index does not file every text yet."""

from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import Base, byte_ordered


class UnfiledTerm(Base):
    """Texts up to the publication `reached` are filed. A term has a row for each exchange."""

    __tablename__ = "unfiled_terms"
    # One that a worker is done with is another than one that came meanwhile.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(byte_ordered(64))
    reached: Mapped[int] = mapped_column(default=0)
