"""Where others may have written about somebody: told to who erases, and left to their judgement."""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select

from cms.extensions import db
from cms.models import Comment, Faq

# Shorter names stand in too many words, and more of one address is somebody who plays.
SHORTEST, MOST_NAMES = 3, 20
# So many are looked at on the posts of one part, and so many are told.
MOST_READ, MOST_TOLD = 5000, 100


def by_others(email: str, names: Iterable[str], post_ids: Sequence[str]) -> list[str]:
    """The ids of comments on these posts that seem to name somebody, but for their own.

    Answers of staff, most likely: "Dear Ann, …". Noticed by the words alone.
    """
    known = [*sorted({one for one in names if len(one) >= SHORTEST})[:MOST_NAMES], email]
    words = [re.compile(rf"(?<!\w){re.escape(one)}(?!\w)", re.IGNORECASE) for one in known]
    holds = or_(*(Comment.source.icontains(one, autoescape=True) for one in known))
    query = select(Comment.id, Comment.source).where(
        Comment.post_id.in_(post_ids), Comment.email != email, holds
    )
    rows = db.session.execute(query.order_by(Comment.id).limit(MOST_READ))
    found = [row.id for row in rows if any(one.search(row.source) for one in words)]
    return found[:MOST_TOLD]


def in_faqs(comment_ids: Sequence[str]) -> list[str]:
    """The ids of FAQs that were made from these comments: they may hold their words."""
    made = select(Faq.id).where(Faq.comment_id.in_(comment_ids)).order_by(Faq.id)
    return list(db.session.scalars(made.limit(MOST_TOLD)))
