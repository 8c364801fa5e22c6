"""What the site sends to webhooks, as OpenAPI tells it: `webhooks`, and a schema for each event."""

import re
from typing import Any

from cms.models.event_types import SENT, EventType
from cms.services.checks.rules import URGENT

Described = dict[str, Any]

ID = {"type": "string", "format": "uuid"}
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
TIME = {"type": "string", "format": "date-time"}
PURGED = (
    "A CDN is to drop each answer that holds any of them in `Surrogate-Key`; `everything`, always"
    " among them, is held only by answers that name nothing else"
)
# What names in `data` mean, wherever they are.
NAMES: dict[str, Described] = {
    "id": ID | {"description": "Of what it is about"},
    "revision": NUMBER,
    "slug": TEXT | {"description": "At the moment of the event"},
    "locale": TEXT,
    "at": TIME | {"description": "The time that came; not there where somebody did it"},
    "text": ID | {"description": "Of the past text"},
    "due_on": {"type": "string", "format": "date"},
    "post_id": ID,
    "faq_id": ID,
    "flag": {"type": "string", "enum": list(URGENT)},
    "mime_type": TEXT,
    "into": ID | {"description": "What it became part of"},
    "keys": {"type": "array", "items": TEXT, "description": PURGED},
    "generation": NUMBER | {"description": "It grows"},
}
# Standard Webhooks.
HEADERS = {
    "webhook-id": "Of the event, the same at each attempt: drop what you know",
    "webhook-timestamp": "Of the attempt, in seconds since 1970",
    "webhook-signature": "`v1,` and a signature over id, time and body; several, with spaces",
}
ANSWERS = {
    "2XX": "It was received",
    "410": "Nothing more is to come: the webhook is switched off",
    "429": "It is tried again, no sooner than `Retry-After` says",
    "503": "It is tried again, no sooner than `Retry-After` says",
    "default": "It is tried again, ten times in three days in all; redirects are not followed",
}
SCHEMA_OF_ALL = "Event"


def describe_events(spec: Described) -> Described:
    """Add what is sent to a description of what is asked."""
    schemas = {_schema_name(one): _schema(one) for one in SENT}
    spec["webhooks"] = {one.name: {"post": _operation(one)} for one in SENT}
    spec["components"]["schemas"] |= schemas | {SCHEMA_OF_ALL: _any_of(SENT)}
    return spec


def _operation(one: EventType) -> Described:
    content = {"application/json": {"schema": _reference(one)}}
    return {
        "tags": ["events"],
        "operationId": f"on_{one.name.replace('.', '_')}",
        "summary": f"Sent when {one.when}",
        "security": [],
        "parameters": [_header(name, said) for name, said in HEADERS.items()],
        "requestBody": {"required": True, "content": content},
        "responses": {status: {"description": said} for status, said in ANSWERS.items()},
    }


def _schema(one: EventType) -> Described:
    names = {name: NAMES[name] for name in (*one.data, *one.sometimes)}
    data = {"type": "object", "required": list(one.data), "properties": names}
    known = {"type": TEXT | {"const": one.name}, "timestamp": TIME, "data": data}
    return {"type": "object", "required": list(known), "properties": known}


def _any_of(types: list[EventType]) -> Described:
    """What a receiver of everything reads: `type` says which it is. More types may come."""
    references = {one.name: _reference(one) for one in types}
    mapping = {name: found["$ref"] for name, found in references.items()}
    told = {"propertyName": "type", "mapping": mapping}
    return {"oneOf": list(references.values()), "discriminator": told}


def _reference(one: EventType) -> Described:
    return {"$ref": f"#/components/schemas/{_schema_name(one)}"}


def _schema_name(one: EventType) -> str:
    return "".join(word.capitalize() for word in re.split(r"[._]", one.name)) + SCHEMA_OF_ALL


def _header(name: str, said: str) -> Described:
    return {"in": "header", "name": name, "required": True, "description": said, "schema": TEXT}
