"""What was loaded from seed files, and what it is called now."""

from typing import Any

from sqlalchemy import exists, select

from cms.extensions import db
from cms.importers.seed_records import SeedSet
from cms.models import Author, Category, Comment, Faq, Post, Seeded, Tag
from cms.services import former

MODELS: dict[str, type[Any]] = {
    "category": Category,
    "tag": Tag,
    "author": Author,
    "faq": Faq,
    "post": Post,
    "comment": Comment,
}
# The one record of a set that was taken away as a whole.
REMOVED = ("set", "removed")

Name = tuple[str, str]


class Ledger:
    """The records of one set, read in one query; names of other sets are known too."""

    def __init__(self, set_name: str) -> None:
        self.set_name = set_name
        rows = db.session.scalars(select(Seeded)).all()
        self._known = {(row.kind, row.key): row.object_id for row in rows}
        self._mine = {(row.kind, row.key) for row in rows if row.set_name == set_name}

    def __contains__(self, name: Name) -> bool:
        return name in self._mine

    def holds_all(self, wanted: set[Name]) -> bool:
        return wanted <= self._mine

    def keep(self, kind: str, key: str, object_id: str | None) -> None:
        """Remember a record. Without an id: what an editor made has its name, and stays theirs."""
        row = Seeded(set_name=self.set_name, kind=kind, key=key, object_id=object_id)
        db.session.add(row)
        self._known[kind, key] = object_id
        self._mine.add((kind, key))

    def id_of(self, kind: str, key: str) -> str | None:
        """The object that a record made, or else one with its slug; None when neither is there.

        A term that was merged is the one that it became.
        """
        model, object_id = MODELS[kind], self._known.get((kind, key))
        if object_id and db.session.scalar(select(exists().where(model.id == object_id))):
            return object_id
        if model is Comment:
            return None
        if model in former.KINDS:
            return former.id_of(model, key)
        return db.session.scalar(select(model.id).where(model.slug == key).limit(1))

    def ids_of(self, kind: str, keys: tuple[str, ...]) -> list[str]:
        """Those that are there, in order, none twice."""
        found = (self.id_of(kind, key) for key in keys)
        return list(dict.fromkeys(one for one in found if one is not None))

    def made(self) -> dict[str, list[str]]:
        """The ids of this set's own objects that are still there, oldest first, by kind."""
        mine = {name: self._known[name] for name in self._mine}
        return {
            kind: _present(model, [one for (k, _), one in mine.items() if k == kind and one])
            for kind, model in MODELS.items()
        }


def names(seeds: SeedSet) -> set[Name]:
    """Everything in a set that is loaded once."""
    return {
        *(("category", one.slug) for one in seeds.categories),
        *(("tag", one.slug) for one in seeds.tags),
        *(("author", one.slug) for one in seeds.authors),
        *(("faq", one.slug) for one in seeds.faqs),
        *(("post", one.slug) for one in seeds.posts),
        *(("comment", one.key) for one in seeds.comments),
        *(("picks", slug) for slug in seeds.picks),
    }


def _present(model: type[Any], ids: list[str]) -> list[str]:
    query = select(model.id).where(model.id.in_(ids)).order_by(model.id)
    return list(db.session.scalars(query)) if ids else []
