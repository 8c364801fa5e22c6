"""The number of the last public change. It orders changes as they were committed."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import Base, byte_ordered


class Generation(Base):
    """One row. Its lock is held to the commit, so its order is the order of commits."""

    __tablename__ = "generation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigInteger)


class Change(Base):
    """A key (`post:ID`, `list:post`, `tag:ID`, …) of something public that a change touched."""

    __tablename__ = "changes"

    generation: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(byte_ordered(64), primary_key=True)
