"""What an editor took out of the public history of a post: a date and a reason are left."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base
from cms.models.publication import Publication


def past_text_id(entry_id: str, publication_id: int) -> str:
    """What the API calls a text that was public: an id of its own, which counts nothing."""
    return str(uuid5(UUID(entry_id), str(publication_id)))


class Redaction(Base):
    """The publication's own text stays where it is, for editors; readers are not shown it."""

    __tablename__ = "redactions"

    publication_id: Mapped[int] = mapped_column(
        ForeignKey(Publication.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(ID)
