"""Blueprints of this API: strict input, enveloped output, every refusal documented.

`flask_smorest` reads, dumps and documents; what is added here is what all our routes share.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import flask_smorest
from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema

from cms.api.envelope import MetaSchema, many, one
from cms.api.multipart import FILE, FORM, parse_form
from cms.api.paging import paged
from cms.api.strict import StrictParser, needs_body, parse_query

View = Callable[..., Any]


class Resource(MethodView):
    """What stands under one address: a method for each of HTTP's. It keeps nothing itself."""

    init_every_request = False

    @classmethod
    def as_view(cls, name: str, *args: Any, **kwargs: Any) -> View:
        """As Flask does it, but for asking twice, at each request, for what is no coroutine.

        Whatever is decorated is left to Flask.
        """
        view, resource = super().as_view(name, *args, **kwargs), cls(*args, **kwargs)
        # HEAD is answered as GET is; methods that are not here never come so far.
        answers = {method: getattr(resource, method.lower()) for method in cls.methods or ()}
        answers["HEAD"] = answers.get("GET")

        @wraps(view)
        def answering(**values: Any) -> Any:
            return answers[request.method](**values)

        found = view if cls.decorators else answering
        # The methods that read a query string.
        found.querying = {
            method for method, one in answers.items() if getattr(one, "takes_query", False)
        }
        return found


class Resources(flask_smorest.Blueprint):
    """A blueprint whose views speak in objects and pages."""

    ARGUMENTS_PARSER = StrictParser()

    def query(self, schema: type[Schema]) -> Callable[[View], View]:
        """Read the query string. A view without this refuses every parameter."""
        # One instance, made once: it is the key under which readings are remembered.
        known = schema()

        def decorate(view: View) -> View:
            @wraps(view)
            def reading(resource: Any, *args: Any, **kwargs: Any) -> Any:
                query = dict(parse_query(known, request.query_string))
                return view(resource, query, *args, **kwargs)

            described = self.arguments(known, location="query", error_status_code=400)(view)
            reading._apidoc = described._apidoc
            reading.takes_query = True
            return reading

        return decorate

    def body(self, schema: type[Schema]) -> Callable[[View], View]:
        """Read a JSON body, which may be left out where nothing in it must be there."""
        # One instance, made once: making one costs as much as reading a small body with it.
        known = schema()
        needed = needs_body(known)
        return self.arguments(known, required=needed)

    def upload(self, schema: type[Schema]) -> Callable[[View], View]:
        """Read a multipart form: its `file`, and the text fields that the schema knows."""
        texts = schema(exclude=(FILE,))
        described = {"required": True, "content": {FORM: {"schema": schema}}}

        def decorate(view: View) -> View:
            @wraps(view)
            def reading(resource: Any, *args: Any, **kwargs: Any) -> Any:
                return view(resource, parse_form(texts), *args, **kwargs)

            return self.doc(requestBody=described)(reading)

        return decorate

    def delivers(
        self, schema: type[Schema] | dict[str, Any], content_type: str | None = None
    ) -> Callable[[View], View]:
        """Describe a view that answers a finished Response, and leave it as fast as it is."""

        def decorate(view: View) -> View:
            view._apidoc = self.response(200, schema, content_type=content_type)(view)._apidoc
            return view

        return decorate

    def shows(self, schema: type[Schema], status: int = 200) -> Callable[[View], View]:
        """Answer one object in `data`, with its version as the ETag.

        The view returns the object, or the object and a mapping of headers, or these and a status.
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                item, headers, *other = _with_headers(view(*args, **kwargs))
                version = _version(item)
                etag = {"ETag": f'"{version}"'} if version is not None else {}
                return {"data": item}, *(other or [status]), etag | dict(headers)

            return self.response(status, one(schema))(wrapped)

        return decorate

    def removes(self, view: View) -> View:
        """Answer that an object is gone: 204, with no body."""

        @wraps(view)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            view(*args, **kwargs)
            return Response(status=204)

        return self.response(204)(wrapped)

    def lists(
        self, schema: type[Schema], meta: type[Schema] = MetaSchema
    ) -> Callable[[View], View]:
        """Answer a page of a list. The view returns a Page and its `limit`."""

        def decorate(view: View) -> View:
            @wraps(view)
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                page, limit = view(*args, **kwargs)
                around, headers = paged(page, limit)
                return {"data": page.items, **around}, 200, headers

            return self.response(200, many(schema, meta))(wrapped)

        return decorate


def _with_headers(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result, {})


def _version(item: Any) -> int | None:
    return item.get("version") if isinstance(item, dict) else getattr(item, "version", None)
