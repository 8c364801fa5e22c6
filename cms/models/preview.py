"""Links that show what is not public, with no sign-in: one post, or the site as it will stand."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base, Identified, byte_ordered
from cms.models.post import Post


class PreviewLink(Identified, Base):
    __tablename__ = "preview_links"

    # Null: the whole site.
    post_id: Mapped[str | None] = mapped_column(
        ID, ForeignKey(Post.id, ondelete="CASCADE"), index=True
    )
    # Of the token, which is shown once.
    digest: Mapped[str] = mapped_column(byte_ordered(64), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(ID)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
