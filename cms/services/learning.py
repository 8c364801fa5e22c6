"""What moderators teach the spam filter, counted in the transaction that decides a comment.

A comment teaches once. What it taught is taken back when its decision is, or its words change; but
who wrote it can not take back that it was bad.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Integer, bindparam, case, select

from cms.content import comment_links
from cms.database import before_commit
from cms.extensions import db
from cms.models import Comment, CommentStatus, WordCount
from cms.reading import reader
from cms.services import signing
from cms.services.checks import spam
from cms.services.checks.spam import Taught
from cms.services.sql import insert_into, rows_of

TAUGHT = "taught"
# The row that counts the comments themselves.
ALL = ""
TOTAL = select(WordCount.good, WordCount.bad).where(WordCount.word == ALL)
KNOWN = rows_of(WordCount.word, "words", WordCount.good, WordCount.bad)
# A comment teaches so many words at most. The key says which: who writes it can not choose them.
MOST_TAUGHT = 256
# What a decision teaches. One that is not named leaves things as they are.
TEACHES: dict[CommentStatus, str | None] = {
    CommentStatus.APPROVED: "good",
    CommentStatus.SPAM: "bad",
    CommentStatus.PENDING: None,
    CommentStatus.REJECTED: None,
}


def follow(comment: Comment) -> None:
    """Learn what a moderator has decided, and take back what was learned of it before."""
    lesson = TEACHES.get(comment.status, comment.learned)
    if lesson != comment.learned:
        forget(comment)
        _note(comment, lesson, 1)
        comment.learned = lesson


def forget(comment: Comment) -> None:
    """Take back what a comment taught, good or bad. Call it before its words change or go: they
    say what that was.

    Where its own writer changes them, call `leave`.
    """
    _note(comment, comment.learned, -1)
    comment.learned = None


def leave(comment: Comment) -> None:
    """Let its writer change or withdraw its words: they take back the good that these taught.

    That somebody found them bad stands, but for the comment itself, which may teach anew.
    """
    if comment.learned != "bad":
        forget(comment)
    comment.learned = None


def score(html: str, text: str, enough: int) -> float | None:
    """How likely a comment is spam, from 0 to 1; None while too little is known."""
    known = reader().row(TOTAL, {})
    total = Taught(*known) if known else Taught()
    if min(total) < enough:
        return None
    words = orjson.dumps(digests_of(_words_in(html, text))).decode()
    rows = reader().rows(KNOWN, {"words": words})
    return spam.score(total, rows, enough)


def digests_of(words: Iterable[str]) -> list[str]:
    """What the table knows words by."""
    keyed = hashlib.blake2b(key=signing.digest("words").encode(), digest_size=8)
    return [_hashed(keyed.copy(), word.encode()) for word in words]


def _hashed(keyed: Any, word: bytes) -> str:
    keyed.update(word)
    return keyed.hexdigest()


def _words_in(html: str, text: str) -> list[str]:
    return spam.features(spam.words_in(text, comment_links(html)))


def _note(comment: Comment, lesson: str | None, step: int) -> None:
    if lesson is None:
        return
    steps = db.session.info.setdefault(TAUGHT, Counter())
    taught = sorted(digests_of(_words_in(comment.html, comment.text)))[:MOST_TAUGHT]
    for word in (ALL, *taught):
        steps[word, lesson] += step


@before_commit
def _count() -> None:
    """All words of a transaction in one order, the common row first: nobody waits in a circle."""
    steps = db.session.info.pop(TAUGHT, None) or {}
    words = sorted({word for (word, _), step in steps.items() if step})
    if not words:
        return
    rows = [_row(word, steps[word, "good"], steps[word, "bad"]) for word in words]
    db.session.execute(_counting(), rows)


def _row(word: str, good: int, bad: int) -> dict[str, str | int]:
    new = {"new_good": max(0, good), "new_bad": max(0, bad)}
    return {"of": word, "good_step": good, "bad_step": bad} | new


def _counting() -> Any:
    new = {"good": bindparam("new_good"), "bad": bindparam("new_bad")}
    added = insert_into(WordCount.__table__).values(word=bindparam("of"), **new)
    return added.on_conflict_do_update(
        index_elements=["word"],
        set_={
            "good": _moved(WordCount.good, "good_step"),
            "bad": _moved(WordCount.bad, "bad_step"),
        },
    )


def _moved(column: Any, step: str) -> Any:
    # Never below nothing, whatever a restored backup left out.
    moved = column + bindparam(step, type_=Integer)
    return case((moved > 0, moved), else_=0)
