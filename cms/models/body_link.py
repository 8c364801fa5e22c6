"""Where the bodies of working copies, and of what readers see, lead within the site."""

from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base, Slug, byte_ordered
from cms.models.entry import Entry


class Target(StrEnum):
    # By its slug, in a locale.
    POST = "post"
    # By its folder, in none.
    MEDIA = "media"


class BodyLink(Base):
    """What one revision's body leads to, by the name that its address says."""

    __tablename__ = "body_links"

    entry_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Entry.id, ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Target] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(byte_ordered(16), primary_key=True)
    name: Mapped[Slug] = mapped_column(primary_key=True)
