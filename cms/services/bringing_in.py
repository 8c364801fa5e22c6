"""Comments of a file into a site: with their ids, and without being judged again.

Their words are made ready before the transaction: others wait for SQLite's only write lock.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select

from cms.actor import Actor
from cms.errors import NotFound, TooLarge
from cms.extensions import db
from cms.importers import comment_files
from cms.importers.comment_records import CommentRecord
from cms.models import Comment, Post
from cms.permissions import Action, require
from cms.services import (
    archived_words,
    audit,
    clock,
    outbox,
    places,
    threads,
)
from cms.services.archived_rows import Worded, row, worded

# Comments that are saved at a time.
PART = 25
UNKNOWN_POST = "There is no post with its post_id, or its post_slug and post_locale."
UNKNOWN_PARENT = "There is no comment with its parent_id on that post."
TOO_LONG = "At most {} comments are taken at once, and these are {}. Send them in parts."
DOUBLE = "The same words of the same writer are on that post."


@dataclass
class Taken:
    """What became of some records: how many are new, and were there; which were left, and why."""

    new: int = 0
    there: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)

    def __iadd__(self, other: "Taken") -> "Taken":
        self.new += other.new
        self.there += other.there
        self.left += other.left
        return self


def parts(
    actor: Actor, data: bytes, kind: str, *, most: int | None = None
) -> Iterator[list[Worded]]:
    """The comments of a file, ready to be taken a part at a time: answers after what they answer.

    Each part is made ready when it is asked for: ask outside a transaction. Raises Forbidden, and
    before the first part Invalid (`archive_invalid`), and TooLarge (`archive_too_long`) for `most`.
    """
    require(actor, Action.COMMENT_ARCHIVE)
    records = comment_files.read(data, kind)
    if most is not None and len(records) > most:
        raise TooLarge(TOO_LONG.format(most, len(records)), reason="archive_too_long")
    ready = in_order([archived_words.cleaned(one) for one in records])
    return (list(map(worded, ready[at : at + PART])) for at in range(0, len(ready), PART))


def in_order(records: Sequence[CommentRecord]) -> list[CommentRecord]:
    """What is answered before what answers it; what answers itself, in a circle, comes last."""
    answers: dict[str | None, list[CommentRecord]] = defaultdict(list)
    known = {one.id for one in records}
    for one in records:
        answers[one.parent_id if one.parent_id in known else None].append(one)
    found, waiting = [], deque(answers.pop(None, []))
    while waiting:
        found.append(waiting.popleft())
        waiting.extend(answers.pop(found[-1].id, []))
    return found + [one for circle in answers.values() for one in circle]


def take(actor: Actor, part: Sequence[Worded]) -> Taken:
    """Save what is not there. What is there stays as it is, whatever the file says.

    A part is one of `parts`. Raises Forbidden.
    """
    require(actor, Action.COMMENT_ARCHIVE)
    records = [one.record for one in part]
    posts, there = _locked(_posts_of(records)), _there([one.id for one in records])
    taken, new = Taken(there=len(there)), []
    for one in part:
        if one.record.id in there:
            continue
        if why := _save(posts.get(one.record.id), one):
            taken.left.append((one.record.id, why))
        else:
            new.append(one.record.id)
    _announce(actor, {comment_id: posts[comment_id] for comment_id in new})
    taken.new = len(new)
    return taken


def _there(ids: Sequence[str]) -> set[str]:
    return set(db.session.scalars(select(Comment.id).where(Comment.id.in_(ids))))


def _posts_of(records: Sequence[CommentRecord]) -> dict[str, str]:
    """The post of each record that has one here."""
    query = select(Post.id, Post.slug, Post.locale)
    by_id = Post.id.in_({one.post_id for one in records})
    by_slug = Post.slug.in_({one.post_slug for one in records if one.post_slug})
    found = db.session.execute(query.where(by_id | by_slug)).all()
    ids = {post.id for post in found}
    slugs = {(post.slug, post.locale): post.id for post in found}
    named = {
        one.id: one.post_id if one.post_id in ids else slugs.get((one.post_slug, one.post_locale))
        for one in records
    }
    return {comment_id: post_id for comment_id, post_id in named.items() if post_id}


def _locked(posts: Mapping[str, str]) -> dict[str, str]:
    """The post of each comment whose thread is held now: of one that has gone meanwhile, none."""
    held = set()
    # In one order, so that two imports never wait for each other.
    for post_id in sorted(set(posts.values())):
        with suppress(NotFound):
            held.add(threads.lock(post_id).post_id)
    return {comment_id: post_id for comment_id, post_id in posts.items() if post_id in held}


def _save(post_id: str | None, one: Worded) -> str | None:
    """Keep a comment; say why not, where it can not be."""
    if post_id is None:
        return UNKNOWN_POST
    parent_id = one.record.parent_id
    above = db.session.get(Comment, parent_id) if parent_id else None
    if parent_id and (above is None or above.post_id != post_id):
        return UNKNOWN_PARENT
    place = places.below(above) if above else {}
    return None if threads.take(row(post_id, one) | place) else DOUBLE


def _announce(actor: Actor, new: Mapping[str, str]) -> None:
    """Record comments by their ids, with their posts."""
    now = clock.now()
    for one, post_id in new.items():
        audit.record(actor, "comment.imported", one, now)
        outbox.record("comment.imported", now, id=one, post_id=post_id)
