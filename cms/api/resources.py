"""Blueprints of this API: strict input, enveloped output, every refusal documented.

`flask_smorest` reads, dumps and documents; what is added here is what all our routes share.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import flask_smorest
from marshmallow import Schema

from cms.api.envelope import many, one
from cms.api.paging import paged
from cms.api.strict import StrictParser

View = Callable[..., Any]


class Resources(flask_smorest.Blueprint):
    """A blueprint whose views speak in objects and pages."""

    ARGUMENTS_PARSER = StrictParser()

    def query(self, schema: type[Schema]) -> Callable[[View], View]:
        """Read the query string. A view without this refuses every parameter."""

        def decorate(view: View) -> View:
            reading = self.arguments(schema, location="query", error_status_code=400)(view)
            reading.takes_query = True
            return reading

        return decorate

    def body(self, schema: type[Schema]) -> Callable[[View], View]:
        """Read a JSON body."""
        return self.arguments(schema)

    def shows(self, schema: type[Schema], status: int = 200) -> Callable[[View], View]:
        """Answer one object in `data`, with its version as the ETag.

        The view returns the object, or the object and a mapping of headers.
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                item, headers = _with_headers(view(*args, **kwargs))
                version = _version(item)
                etag = {"ETag": f'"{version}"'} if version is not None else {}
                return {"data": item}, status, etag | dict(headers)

            return self.response(status, one(schema))(wrapped)

        return decorate

    def lists(self, schema: type[Schema]) -> Callable[[View], View]:
        """Answer a page of a list. The view takes `paging` and returns a Page."""

        def decorate(view: View) -> View:
            @wraps(view)
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                page, limit = view(*args, **kwargs)
                around, headers = paged(page, limit)
                return {"data": page.items, **around}, 200, headers

            return self.response(200, many(schema))(wrapped)

        return decorate


def _with_headers(result: Any) -> tuple[Any, Mapping[str, str]]:
    return result if isinstance(result, tuple) else (result, {})


def _version(item: Any) -> int | None:
    return item.get("version") if isinstance(item, dict) else getattr(item, "version", None)
