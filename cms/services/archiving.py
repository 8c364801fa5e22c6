"""Comments out of a site and into one: whole, with their ids, and without being judged again."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from cms.actor import Actor
from cms.errors import TooLarge
from cms.extensions import db
from cms.importers import comment_files
from cms.importers.comment_records import CommentRecord
from cms.models import Comment, CommentStatus, ConsentText, Post
from cms.permissions import Action, require
from cms.services import (
    archived_words,
    audit,
    clock,
    comment_texts,
    emptying,
    evidence,
    outbox,
    places,
    threads,
)

# Comments that are read, or saved, at a time.
PART = 200
# Such wordings are of other sites: no form shows them.
NO_LOCALE = ""
UNKNOWN_POST = "There is no post with its post_id, or its post_slug and post_locale."
UNKNOWN_PARENT = "There is no comment with its parent_id on that post."
TOO_LONG = "At most {} comments are taken at once, and these are {}. Send them in parts."
DOUBLE = "The same words of the same writer are on that post."
# What the record of an export is about.
ABOUT = "comments"
# What only some people may read.
READ = {
    "id": Comment.id,
    "post_id": Comment.post_id,
    "post_slug": Post.slug,
    "post_locale": Post.locale,
    "parent_id": Comment.parent_id,
    "status": Comment.status,
    "flag": Comment.flag,
    "is_staff": Comment.is_staff,
    "author_name": Comment.name,
    "author_email": Comment.email,
    "author_url": Comment.url,
    "network": Comment.network,
    "user_agent": Comment.user_agent,
    "body": Comment.source,
    "note": Comment.note,
    "consent": ConsentText.text,
    "created_at": Comment.created_at,
    "updated_at": Comment.updated_at,
    "edited_at": Comment.edited_at,
    "withdrawn_at": Comment.withdrawn_at,
}
# Said in this order, in every file.
NAMES = tuple(READ)


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


def begin_export(actor: Actor) -> None:
    """Note who takes all comments away, with where they came from. Raises Forbidden."""
    require(actor, Action.COMMENT_ARCHIVE)
    audit.record(actor, "comments.exported", ABOUT, clock.now())


def written(kind: str) -> Iterator[str]:
    """All comments as the parts of a file, for who may: after `begin_export`."""
    return comment_files.written(rows(), NAMES, kind)


def rows() -> Iterator[Mapping[str, Any]]:
    """All comments by the fields of `CommentRecord`, a part at a time."""
    after = ""
    while part := db.session.execute(_part(after)).mappings().all():
        yield from part
        after = part[-1]["id"]
        # Else a long export would keep PostgreSQL, and SQLite's log, from tidying up.
        db.session.rollback()


def _part(after: str) -> Select[Any]:
    columns = [column.label(name) for name, column in READ.items()]
    query = select(*columns).join(Post, Post.id == Comment.post_id)
    query = query.outerjoin(ConsentText, ConsentText.id == Comment.consent_id)
    return query.where(Comment.id > after).order_by(Comment.id).limit(PART)


def parts(
    actor: Actor, data: bytes, kind: str, *, most: int | None = None
) -> Iterator[list[CommentRecord]]:
    """The comments of a file, ready to be taken a part at a time: answers after what they answer.

    Raises Forbidden, and before the first part Invalid (`archive_invalid`), and TooLarge
    (`archive_too_long`) for `most`.
    """
    require(actor, Action.COMMENT_ARCHIVE)
    records = comment_files.read(data, kind)
    if most is not None and len(records) > most:
        raise TooLarge(TOO_LONG.format(most, len(records)), reason="archive_too_long")
    ready = in_order([archived_words.cleaned(one) for one in records])
    return (ready[at : at + PART] for at in range(0, len(ready), PART))


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


def take(actor: Actor, records: Sequence[CommentRecord]) -> Taken:
    """Save what is not there. What is there stays as it is, whatever the records say.

    They come from `parts`. Raises Forbidden.
    """
    require(actor, Action.COMMENT_ARCHIVE)
    taken, posts = Taken(), _posts_of(records)
    # In one order, so that two imports never wait for each other.
    locked = {post_id: threads.lock(post_id) for post_id in sorted(set(posts.values()))}
    there = _there([one.id for one in records])
    for one in records:
        if one.id in there:
            taken.there += 1
        elif one.id not in posts:
            taken.left.append((one.id, UNKNOWN_POST))
        elif why := _save(actor, locked[posts[one.id]], one):
            taken.left.append((one.id, why))
        else:
            taken.new += 1
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


def _save(actor: Actor, thread: Any, one: CommentRecord) -> str | None:
    """Keep a comment; say why not, where it can not be."""
    above = db.session.get(Comment, one.parent_id) if one.parent_id else None
    if one.parent_id and (above is None or above.post_id != thread.post_id):
        return UNKNOWN_PARENT
    place = places.below(above) if above else {}
    try:
        with db.session.begin_nested():
            threads.add(thread, _comment(thread.post_id, one, place))
    except IntegrityError:
        return DOUBLE
    now = clock.now()
    audit.record(actor, "comment.imported", one.id, now)
    outbox.record("comment.imported", now, id=one.id, post_id=thread.post_id)
    return None


def _comment(post_id: str, one: CommentRecord, place: Mapping[str, Any]) -> Comment:
    is_there = one.withdrawn_at is None
    words = _words(post_id, one) if is_there else emptying.values(one.id, one.withdrawn_at)
    return Comment(
        id=one.id,
        post_id=post_id,
        is_staff=one.is_staff,
        created_at=one.created_at,
        updated_at=one.updated_at,
        **words,
        **place,
    )


def _words(post_id: str, one: CommentRecord) -> dict[str, Any]:
    return {
        "status": CommentStatus(one.status),
        "name": one.author_name,
        "email": one.author_email,
        "url": one.author_url,
        "network": one.network,
        "user_agent": one.user_agent,
        "note": one.note,
        "flag": one.flag,
        "edited_at": one.edited_at,
        "said": evidence.said(one.body),
        "consent_id": _consent(one),
        "verdicts": [],
        **comment_texts.text_of(post_id, one.author_email, one.network, one.body),
    }


def _consent(one: CommentRecord) -> str | None:
    if not one.consent:
        return None
    same = select(ConsentText.id).where(ConsentText.text == one.consent).limit(1)
    found = db.session.scalar(same)
    if found is None:
        kept = ConsentText(locale=NO_LOCALE, text=one.consent, created_at=one.created_at)
        db.session.add(kept)
        db.session.flush()
        found = kept.id
    return found
