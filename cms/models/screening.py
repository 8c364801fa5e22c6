"""What the checks of comments go by: the site's rules, and what its moderators have taught."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import Base, Versioned, byte_ordered


class CommentRules(Versioned, Base):
    """One row, under `ONLY`, from the first change on. Others are as shipped."""

    __tablename__ = "comment_rules"

    # Of the rules, what is asked with every post: nobody reads a thousand words for that.
    closed: Mapped[bool] = mapped_column(default=False)
    close_after_days: Mapped[int | None]
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)


class WordCount(Base):
    """In how many comments that moderators approved, or called spam, a word is."""

    __tablename__ = "word_counts"
    __table_args__ = (
        CheckConstraint("good >= 0", name="good_not_negative"),
        CheckConstraint("bad >= 0", name="bad_not_negative"),
    )

    # A keyed digest: the table holds no reader's words. The empty one counts the comments.
    word: Mapped[str] = mapped_column(byte_ordered(16), primary_key=True)
    good: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
