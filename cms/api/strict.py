"""Read requests strictly: nothing unknown, doubled, lossy or unstorable gets in.

Python's JSON parser accepts NaN, doubled keys and any depth, and the databases disagree about
control characters; so both are settled here, before a schema sees the data.
"""

import json
from collections import Counter
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from flask import Request, current_app
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser

from cms.api.body_kinds import most_bytes
from cms.api.pointers import Path, faults, pointer, shortened
from cms.api.problems import UnsupportedMediaType
from cms.errors import CmsError, Malformed, TooLarge
from cms.services.storable import FORBIDDEN

DEEPEST = 32
MOST_PARAMETERS = 200
LONGEST_REMEMBERED = 500


class InvalidFields(CmsError):
    status = 422


def parse_json(raw: bytes) -> Any:
    """The value of a JSON text. Raises Malformed, naming what is wrong with it."""
    try:
        # Strict about syntax, and safe at any depth; the second pass sees what it lets through.
        _check_text(orjson.loads(raw), ())
        return json.loads(
            raw, object_pairs_hook=_without_doubles, parse_int=_int, parse_float=_float
        )
    except (orjson.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("The body is not valid JSON in UTF-8.", reason="malformed_json") from None


def _check_text(value: Any, path: Path) -> None:
    # The path is parts, not a pointer: written out at each of many items, a long key is quadratic.
    if len(path) >= DEEPEST and isinstance(value, dict | list):
        raise Malformed(f"The JSON is nested deeper than {DEEPEST}.", reason="json_too_deep")
    if isinstance(value, str):
        _refuse_controls(value, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_controls(key, path)
            _check_text(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            _check_text(inner, (*path, position))


def refuse_controls(text: str, where: str) -> None:
    """Raises Malformed for text that no answer could carry."""
    if FORBIDDEN.search(text):
        raise _forbidden_character(where)


def _refuse_controls(text: str, path: Path) -> None:
    if FORBIDDEN.search(text):
        raise _forbidden_character(pointer(path))


def _forbidden_character(where: str) -> Malformed:
    detail = "This text holds a control character."
    errors = [{"pointer": where, "detail": detail}]
    return Malformed(detail, reason="forbidden_character", errors=errors)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        key = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise Malformed(f"The key {shortened(key)!r} is given twice.", reason="doubled_key")
    return found


def _int(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise Malformed("A number is out of range.", reason="number_out_of_range")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise Malformed("A number is out of range.", reason="number_out_of_range")
    return value


def needs_body(schema: Schema) -> bool:
    """Whether a request without a body is refused; else it means the defaults."""
    return getattr(schema, "needs_body", False) or any(
        field.required for field in schema.fields.values()
    )


class StrictParser(FlaskParser):
    """What request bodies are read with."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        most = most_bytes(req.environ, current_app.config["CMS"])
        if (req.content_length or 0) > most or len(raw := req.get_data(cache=True)) > most:
            raise TooLarge(f"A body may have {most:,} bytes here.", reason="body_too_large")
        if not raw and not needs_body(schema):
            return {}
        if raw and req.mimetype != "application/json":
            raise UnsupportedMediaType("Send the body as application/json.")
        return parse_json(raw)

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> None:
        messages = error.messages.get("json", error.messages)
        errors = faults(messages)
        raise InvalidFields(
            "Some fields can not be accepted.", reason="validation_failed", errors=errors
        )


def parse_query(schema: Schema, query_string: bytes) -> dict[str, Any]:
    """The parameters of a query string. Raises Malformed for whatever the schema does not know."""
    # A query string always means the same, so the common ones are read once; no stranger may
    # fill the memory with long ones.
    known = len(query_string) <= LONGEST_REMEMBERED
    return (_parse_remembered if known else _parse)(schema, query_string)


def _parse(schema: Schema, query_string: bytes) -> dict[str, Any]:
    pairs = _pairs(query_string)
    given: dict[str, Any] = {}
    for name, value in pairs:
        field = schema.fields.get(name)
        if field is None:
            raise refused_parameter(name, "There is no such parameter here.")
        if isinstance(field, fields.List):
            given.setdefault(name, []).append(value)
        elif name in given:
            raise refused_parameter(name, "This parameter is given twice.")
        else:
            given[name] = value
    try:
        return schema.load(given, unknown=RAISE)
    except ValidationError as error:
        # A value's place in its list means nothing to who wrote the name only.
        found = [e | {"pointer": _name_in(e["pointer"])} for e in faults(error.messages)]
        raise Malformed(
            "A parameter can not be accepted.", reason="bad_parameter", errors=found
        ) from None


def _name_in(pointer: str) -> str:
    return pointer.lstrip("/").partition("/")[0]


_parse_remembered = lru_cache(maxsize=1000)(_parse)


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    try:
        text = query_string.decode()
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except ValueError:
        raise Malformed("The query string can not be read.", reason="bad_query") from None
    for name, value in pairs:
        if FORBIDDEN.search(name) or FORBIDDEN.search(value):
            raise _forbidden_character(shortened(name))
    return pairs


def refused_parameter(name: str, detail: str) -> Malformed:
    return Malformed(
        f"{shortened(name)}: {detail}",
        reason="bad_parameter",
        errors=[{"pointer": shortened(name), "detail": detail}],
    )
