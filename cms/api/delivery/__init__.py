"""Public reads: no sign-in, cacheable, nothing but what is public at this moment."""

from typing import Any

import orjson
from flask import Response

from cms.api.conditional import public_answer
from cms.api.paging import paged
from cms.api.resources import Resources
from cms.services.cursors import Page

blp = Resources("delivery", __name__, description="Public, cacheable, no sign-in")


def answer(data: Any) -> Response:
    """One object."""
    return public_answer(orjson.dumps({"data": data}))


def answer_page(page: Page, limit: int) -> Response:
    """A page of a list."""
    around, headers = paged(page, limit)
    return public_answer(orjson.dumps({"data": page.items, **around}), headers)


from cms.api.delivery import comments, faqs, posts, site, taxonomy  # noqa: E402, F401
