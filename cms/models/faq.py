"""A FAQ: an entry whose title is the question and whose body is the answer."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID
from cms.models.entry import Entry, Kind


class Faq(Entry):
    __tablename__ = "faqs"
    __mapper_args__ = {"polymorphic_identity": Kind.FAQ}

    id: Mapped[str] = mapped_column(ID, ForeignKey(Entry.id, ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    # The reader's comment that it was made from. It may have gone.
    comment_id: Mapped[str | None] = mapped_column(ID)
