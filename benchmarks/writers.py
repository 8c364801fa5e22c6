"""Writers who change everything that readers can see, at random, as fast as they can."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Event

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from cms.actor import OPERATOR
from cms.database import transaction
from cms.errors import CmsError, NotFound
from cms.extensions import db
from cms.models import Entry, Faq, Kind, Post, Tag
from cms.services import clock, faqs, merging, posts, publishing, taxonomy, trash
from cms.services.publishing import Plan

# How far ahead a schedule reaches, in milliseconds.
AHEAD = 600
TEXT = {"format": "markdown", "source": "Some text."}
# What two writers at one thing may be told; each is refused whole.
REFUSALS = (CmsError, IntegrityError, OperationalError)


def write(app: Flask, seed: int, ended: Event, most: int = 10**9) -> int:
    """Change things until `ended`, or `most` times; answer how many changes were made."""
    dice, made = random.Random(seed), 0  # noqa: S311
    with app.app_context():
        for _ in range(most):
            if ended.is_set():
                break
            action = dice.choices(ACTIONS, WEIGHTS)[0]
            with suppress(*REFUSALS), transaction():
                action(dice)
                made += 1
    return made


def _create(dice: random.Random) -> None:
    if dice.random() < 0.2:
        faq = faqs.create(OPERATOR, {"title": f"{dice.random()}?", "body": TEXT})
        publishing.publish(OPERATOR, Faq, faq.id, None, _plan(dice))
        return
    named = {"tag_ids": _ids(dice, Tag.id, 2), "faq_ids": _ids(dice, Faq.id, 2)}
    post = posts.create(OPERATOR, {"title": str(dice.random()), "body": TEXT, **named})
    publishing.publish(OPERATOR, Post, post.id, None, _plan(dice))


def _publish(dice: random.Random) -> None:
    entry = _entry(dice)
    edit = posts.edit if isinstance(entry, Post) else faqs.edit
    edit(OPERATOR, entry.id, None, {"title": str(dice.random())})
    publishing.publish(OPERATOR, type(entry), entry.id, None, _plan(dice))


def _plan(dice: random.Random) -> Plan:
    """Now for good, mostly; else from a moment to come on, or until one, or both."""
    start, end = (_soon(dice) if dice.random() < 0.3 else None for _ in range(2))
    if start and end and end <= start:
        start, end = end, start
    return Plan(publish_at=start, unpublish_at=end, schedule="replace" if not start else None)


def _soon(dice: random.Random) -> object:
    return clock.now() + timedelta(milliseconds=dice.randint(5, AHEAD))


def _unpublish(dice: random.Random) -> None:
    entry = _entry(dice)
    publishing.unpublish(OPERATOR, type(entry), entry.id, None)


def _discard(dice: random.Random) -> None:
    entry = _entry(dice)
    trash.discard(OPERATOR, type(entry), entry.id, None)


def _restore(dice: random.Random) -> None:
    entry = _entry(dice)
    trash.restore(OPERATOR, type(entry), entry.id)
    publishing.publish(OPERATOR, type(entry), entry.id, None, _plan(dice))


def _remove(dice: random.Random) -> None:
    entry = _entry(dice)
    trash.remove(OPERATOR, type(entry), entry.id, None)


def _empty_trash(dice: random.Random) -> None:
    """Remove what is offline already, while somebody may be in the middle of reading of that."""
    recently = Entry.trashed_at > clock.now() - timedelta(milliseconds=AHEAD)
    found = db.session.scalars(select(Entry).where(recently).order_by(Entry.id)).all()
    if found:
        entry = dice.choice(found)
        trash.remove(OPERATOR, type(entry), entry.id, None)


def _rename_tag(dice: random.Random) -> None:
    (tag,) = _ids(dice, Tag.id, 1) or [None]
    if tag is None or dice.random() < 0.2:
        taxonomy.create(OPERATOR, Tag, {"name": str(dice.random())})
    else:
        taxonomy.edit(OPERATOR, Tag, tag, None, {"name": str(dice.random())})


def _merge_tags(dice: random.Random) -> None:
    old, *into = _ids(dice, Tag.id, 2) or [None]
    if into:
        merging.merge(OPERATOR, Tag, old, None, into[0])


ACTIONS: list[Callable[[random.Random], None]] = [_create, _publish, _unpublish, _discard]
ACTIONS += [_restore, _remove, _empty_trash, _rename_tag, _merge_tags]
# Most of what is made is not touched again, so that what was missed once stays missed.
WEIGHTS = [50, 15, 8, 8, 8, 5, 8, 8, 2]


def _entry(dice: random.Random) -> Entry:
    model = Post if dice.random() < 0.8 else Faq
    kind = Kind.POST if model is Post else Kind.FAQ
    ids = select(Entry.id).where(Entry.kind == kind)
    some = db.session.scalars(ids.order_by(Entry.id.desc()).limit(300)).all()
    if not some:
        raise NotFound("There is none yet.", reason="not_found")
    return db.session.get_one(model, dice.choice(some))


def _ids(dice: random.Random, column: object, most: int) -> list[str]:
    some = db.session.scalars(select(column).order_by(column).limit(50)).all()
    return dice.sample(list(some), min(most, len(some)))
