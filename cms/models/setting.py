"""What administrators say about the site itself, over what its configuration says."""

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import Base, LongText, Versioned

# There is one row, under this id, from the first change on.
ONLY = "site"


class SiteSettings(Versioned, Base):
    """Null means: as the environment says."""

    __tablename__ = "site_settings"

    name: Mapped[str | None] = mapped_column(String(120))
    description: Mapped[LongText | None]
    logo_url: Mapped[str | None] = mapped_column(String(2000))
    # What readers agree to when they comment, by locale. Each wording is kept in `consent_texts`.
    comment_consent: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    # How many levels a thread has; null: four.
    comment_levels: Mapped[int | None]
