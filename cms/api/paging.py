"""Paging as clients see it: parameters in, `meta`, `links` and a `Link` header out."""

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Request, current_app, request
from marshmallow import Schema, fields, validate

from cms.api.fields import QueryFlag, QueryNumber
from cms.api.strict import LONGEST_REMEMBERED
from cms.services.cursors import Page

# That of a search names all that was seen, a thousand hits at most.
LONGEST_CURSOR = 5_000


class PageSchema(Schema):
    """Which part of a list."""

    limit = QueryNumber(1, 100, load_default=20)
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(1, LONGEST_CURSOR),
        metadata={"description": "`meta.next_cursor` of the page before"},
    )


class PagingSchema(PageSchema):
    """What every list takes."""

    total = QueryFlag(load_default=False, metadata={"description": "Also count: `meta.total`"})


def sorted_by(*keys: str, default: str) -> fields.String:
    """A `sort` parameter over an allow-list; a leading `-` is descending."""
    choices = [sign + key for key in keys for sign in ("", "-")]
    return fields.String(load_default=default, validate=validate.OneOf(choices))


def paged(page: Page, limit: int) -> tuple[dict[str, Any], dict[str, str]]:
    """The parts of a list's answer around its items, and its headers."""
    following = _url_of(page.next_cursor) if page.next_cursor else None
    meta = {"limit": limit, "next_cursor": page.next_cursor}
    if page.total is not None:
        meta["total"] = page.total
    if page.counts is not None:
        meta["counts"] = page.counts
    links = {"self": _this_url(), "next": following}
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    return {"meta": meta, "links": links}, headers


def _this_url() -> str:
    # The proxy costs as much at each use as the rest of this function.
    asked: Request = request._get_current_object()
    query = f"?{asked.query_string.decode()}" if asked.query_string else ""
    return f"{current_app.config['CMS'].api_url}{asked.path}{query}"


def _url_of(cursor: str) -> str:
    asked: Request = request._get_current_object()
    is_short = len(asked.query_string) <= LONGEST_REMEMBERED
    others = (_remembered if is_short else _without_cursor)(asked.query_string)
    # Nothing in a cursor has to be quoted.
    return f"{current_app.config['CMS'].api_url}{asked.path}?{others}cursor={cursor}"


def _without_cursor(query: bytes) -> str:
    pairs = parse_qsl(query.decode(), keep_blank_values=True)
    others = urlencode([(name, value) for name, value in pairs if name != "cursor"])
    return f"{others}&" if others else ""


# Most readers ask for the same lists.
_remembered = lru_cache(maxsize=1000)(_without_cursor)
