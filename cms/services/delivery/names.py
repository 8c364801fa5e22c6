"""Look up, in one statement, what the ids in frozen rows are called now."""

from collections.abc import Iterable
from typing import Any

import orjson

from cms.services import published
from cms.services.delivery.moment import Moment

Links = dict[str, Any]


class Names:
    """Tags, categories, authors and public FAQs by id, as the API shows them."""

    def __init__(self, moment: Moment, all_links: Iterable[Links], *, faqs: bool) -> None:
        ids = sorted({one for links in all_links for one in _ids(links, faqs=faqs)})
        rows = []
        if ids:
            statement = published.names(published.round_size(len(ids)))
            rows = moment.rows(statement, **published.padded("id", ids))
        self._found = {(kind, one): (slug, name, more) for kind, one, slug, name, more in rows}

    def category(self, links: Links) -> dict[str, Any] | None:
        found = self._found.get(("category", links.get("category")))
        return {"slug": found[0], "name": found[1]} if found else None

    def tags(self, links: Links) -> list[dict[str, Any]]:
        return [{"slug": slug, "name": name} for slug, name, _ in self._each("tag", links["tags"])]

    def authors(self, links: Links) -> list[dict[str, Any]]:
        return [
            {"slug": slug, "name": name, "credentials": credentials}
            for slug, name, credentials in self._each("author", links["authors"])
        ]

    def faqs(self, links: Links) -> list[dict[str, Any]]:
        """The FAQs of a post that are public now, in their public words."""
        return [
            _faq(summary, document) for _, summary, document in self._each("faq", links["faqs"])
        ]

    def _each(self, kind: str, ids: list[str]) -> list[tuple[Any, ...]]:
        return [self._found[kind, one] for one in ids if (kind, one) in self._found]


def _ids(links: Links, *, faqs: bool) -> list[str]:
    found = [*links.get("tags", ()), *links.get("authors", ())]
    if links.get("category"):
        found.append(links["category"])
    return found + links.get("faqs", []) if faqs else found


def _faq(summary: str, document: str) -> dict[str, Any]:
    known = orjson.loads(summary)
    shown = {name: known[name] for name in ("id", "slug", "question")}
    return shown | {"answer": orjson.loads(document)["answer"]}
