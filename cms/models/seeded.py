"""What was loaded from seed files, so that nothing is loaded twice."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base, byte_ordered


class Seeded(Base):
    """One record of a seed file. Its row stays when an editor changes or removes what it made."""

    __tablename__ = "seeded"

    # `site` or `demo`.
    set_name: Mapped[str] = mapped_column(String(16), primary_key=True)
    # `tag`, `category`, `author`, `faq`, `post`, `comment` or `picks`.
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    # The record's slug or key in its file.
    key: Mapped[str] = mapped_column(byte_ordered(200), primary_key=True)
    # No foreign key: the row outlives the object. Null: an editor's own object was there already.
    object_id: Mapped[str | None] = mapped_column(ID)
