"""What a new site shows its owner."""

from sqlalchemy import and_, select

from cms.models import Kind, Publication, Seeded, Thread
from cms.services import clock
from cms.services.published import is_public

ARTICLE = "medical-massage-multiple-sclerosis"

_POST = (
    select(Publication.slug, Publication.locale)
    .join(Thread, Thread.post_id == Publication.entry_id)
    .outerjoin(Seeded, and_(Seeded.object_id == Publication.entry_id, Seeded.key == ARTICLE))
    .where(Publication.kind == Kind.POST, Thread.is_open, is_public())
    .order_by(Seeded.key.is_(None), Publication.published_at.desc())
    .limit(1)
)


def post_to_show() -> tuple[str, str] | None:
    """Slug and locale of the article, whatever it is called now; else of the newest post.

    Only of posts that take comments.
    """
    row = clock.row_at_present(_POST, {})
    return None if row is None else (row[0], row[1])
