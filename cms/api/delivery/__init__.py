"""Public reads: no sign-in, cacheable, nothing but what is public at this moment."""

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from cms.api.conditional import Finished
from cms.api.paging import paged
from cms.api.resources import Resources
from cms.services.cursors import Page

blp = Resources("delivery", __name__, description="Public, cacheable, no sign-in")


def answer(data: Any, keys: Iterable[str] = ()) -> Finished:
    """One object; `keys` as `Finished` has them."""
    return Finished(orjson.dumps({"data": data}), keys=keys)


def answer_page(
    page: Page,
    limit: int,
    keys: Iterable[str] = (),
    *,
    told: Callable[[], None] | None = None,
) -> Finished:
    """A page of a list."""
    around, headers = paged(page, limit)
    body = orjson.dumps({"data": page.items, **around})
    return Finished(body, headers, keys=keys, told=told)


from cms.api.delivery import (  # noqa: E402, F401
    comment_feeds,
    comments,
    faqs,
    feeds,
    history,
    posts,
    previews,
    receipts,
    search,
    site,
    sitemaps,
    sync,
    taxonomy,
)
