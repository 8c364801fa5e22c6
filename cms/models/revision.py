"""One saved state of a working copy: every editable field, links by id."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base
from cms.models.entry import Entry


class Revision(Base):
    """A state that somebody saved. Quick saves of one person are one revision."""

    __tablename__ = "revisions"

    entry_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Entry.id, ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    # Of its first save, and of the last one that it took in. Null: it took in none.
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime | None]
    # The versions that the entry got by those saves; 1 to 2**31 - 1 where that is not known.
    first_version: Mapped[int]
    last_version: Mapped[int]
    created_by: Mapped[str | None] = mapped_column(ID)
    note: Mapped[str | None] = mapped_column(String(500))
    # Somebody relies on it as it is: no later save may become part of it.
    kept: Mapped[bool] = mapped_column(default=False)
    # Names of the fields that are other than in the revision before.
    changed: Mapped[list[str]] = mapped_column(JSON)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
