"""What administrators say about the site itself, over what its configuration says."""

from sqlalchemy import String
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
