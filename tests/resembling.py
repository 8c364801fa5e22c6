"""Work off the queue of similar posts, and read what came of it."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from cms.database import transaction
from cms.extensions import db
from cms.models import SimilarDue, SimilarPost
from cms.services import clock, related
from tests.api.delivery.reading import data

COLD = "Cryotherapy cools the spasticity of the calf; cryotherapy numbs spasticity."
WARM = "Saunas, blankets and hot stones belong to another world altogether."


def found(client: FlaskClient, slug: str) -> list[tuple[str, dict[str, Any]]]:
    return [(one["slug"], one["relation"]) for one in data(client, f"/posts/{slug}/related")]


def names(client: FlaskClient, slug: str) -> list[str]:
    return [name for name, _ in found(client, slug)]


def reasons(client: FlaskClient, slug: str) -> dict[str, list[str]]:
    return {name: relation["reasons"] for name, relation in found(client, slug)}


def queue(app: Flask, ids: Iterable[str]) -> None:
    """Only these, and none of their neighbours."""
    with app.app_context(), transaction():
        db.session.execute(delete(SimilarDue))
        related.due(ids, spreads=False)


def work(app: Flask) -> int:
    """What a worker does until it finds nothing; answer how many posts that were."""
    done = 0
    with app.app_context():
        while True:
            with transaction():
                more = related.refresh(clock.now())
            assert more <= related.BATCH
            done += more
            if not more:
                return done


def waiting(app: Flask) -> dict[str, bool]:
    """Which posts are due, and whether their neighbours are after them."""
    with app.app_context():
        return {one.post_id: one.spreads for one in db.session.scalars(select(SimilarDue))}


def kept(app: Flask) -> Sequence[tuple[Any, ...]]:
    """Everything that was found, in order."""
    row = SimilarPost
    query = select(row.post_id, row.position, row.similar_id, row.score, row.reasons)
    with app.app_context():
        return [
            tuple(one) for one in db.session.execute(query.order_by(*row.__table__.primary_key))
        ]
