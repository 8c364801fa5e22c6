"""Files that editors uploaded, and where bodies name them."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base, LongText, Versioned, byte_ordered
from cms.models.user import User


class Media(Versioned, Base):
    """An image, in several sizes, or a PDF. Its files never change; what is said of them may."""

    __tablename__ = "media"
    __table_args__ = (
        Index("ix_media_created_at_id", "created_at", "id"),
        CheckConstraint(
            "focal_x >= 0 AND focal_x <= 1 AND focal_y >= 0 AND focal_y <= 1", name="focal_inside"
        ),
    )

    # Of the bytes as they were sent: the same file twice is one.
    checksum: Mapped[str] = mapped_column(byte_ordered(64), unique=True)
    # Where the files are, and a part of their address: a digest of this row's id and their bytes.
    folder: Mapped[str] = mapped_column(byte_ordered(32), unique=True)
    filename: Mapped[str] = mapped_column(byte_ordered(100))
    mime_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    # Null for what is no image.
    width: Mapped[int | None]
    height: Mapped[int | None]
    alt: Mapped[str] = mapped_column(String(500), default="")
    caption: Mapped[LongText] = mapped_column(default="")
    # The point that must stay in view when the image is cropped: shares of width and height.
    focal_x: Mapped[float] = mapped_column(Float, default=0.5)
    focal_y: Mapped[float] = mapped_column(Float, default=0.5)
    # Smaller copies: JSON objects with `name`, `width`, `height`, `mime_type` and `size`.
    renditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_by: Mapped[str | None] = mapped_column(ID, ForeignKey(User.id, ondelete="SET NULL"))

    @property
    def is_image(self) -> bool:
        return self.width is not None


class EntryMedia(Base):
    """A file that the body of a working copy names. No file goes that one of these holds."""

    __tablename__ = "entry_media"
    __table_args__ = (Index("ix_entry_media_media_id", "media_id"),)

    entry_id: Mapped[str] = mapped_column(
        ID, ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True
    )
    media_id: Mapped[str] = mapped_column(ID, ForeignKey(Media.id), primary_key=True)
