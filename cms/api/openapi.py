"""The API describes itself: OpenAPI 3.1 at `/api/v1/openapi.json`, a reference at `/api/docs`."""

import base64
import hashlib
import re
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Flask, Response, current_app
from flask_smorest import Api
from flask_swagger_ui import get_swaggerui_blueprint
from marshmallow import fields

from cms.api import converters
from cms.api.conditional import Finished
from cms.api.describing import describe
from cms.api.describing_events import describe_events
from cms.api.fields import Time
from cms.api.problems import ProblemSchema

DOCUMENT_URL = "/api/v1/openapi.json"
REFERENCE_URL = "/api/docs"
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API token `cms_…`"},
    "session": {"type": "apiKey", "in": "cookie", "name": "cms_session"},
    "receipt": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Receipt` and the secret that came with a comment",
    },
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
}
# What the reference is told. It would ask an address outside to judge our document, and name
# the request's own host where nobody signs in by OAuth.
REFERENCE = {"app_name": "Headless CMS API", "validatorUrl": None, "oauth2RedirectUrl": None}

# What the reference may load. Its pictures are inside its style sheet and its script.
POLICY = {
    "default-src": "'none'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class DescribedApi(Api):
    """flask-smorest's Api, leaving errors to `cms.api.problems`."""

    def _register_error_handlers(self) -> None:
        """Problems are made in one place, which is not here."""

    def _register_responses(self) -> None:
        """Refusals are described for each operation in `cms.api.describing`."""


def init_app(app: Flask) -> DescribedApi:
    app.config.update(
        API_TITLE="Headless CMS",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
    )
    for name, converter in converters.CONVERTERS.items():
        app.url_map.converters[name] = converter
    described = DescribedApi(app)
    described.register_field(Time, "string", "date-time")
    described.ma_plugin.converter.add_attribute_function(type_of_enum)
    for converter, schema in converters.DESCRIPTIONS.items():
        described.register_converter(converter, lambda _one, schema=schema: dict(schema))
    for name, scheme in SECURITY_SCHEMES.items():
        described.spec.components.security_scheme(name, scheme)
    described.spec.components.schema("Problem", schema=ProblemSchema)
    app.add_url_rule(DOCUMENT_URL, "openapi", document)
    reference = get_swaggerui_blueprint(REFERENCE_URL, DOCUMENT_URL, REFERENCE)
    reference.after_request(with_policy)
    app.register_blueprint(reference)
    # Served as it is written everywhere: a redirect would have to know the site's own address.
    for rule in app.url_map.iter_rules(f"{reference.name}.show"):
        rule.strict_slashes = False
    app.extensions["cms_api"] = described
    return described


def with_policy(response: Response) -> Response:
    """Let the reference run its own scripts, and read this API alone; nothing may frame it."""
    # A file goes out as it is; the page itself is the one that is written here.
    page = "" if response.direct_passthrough else response.get_data(as_text=True)
    digests = [hashlib.sha256(one.encode()).digest() for one in INLINE_SCRIPT.findall(page)]
    scripts = [f"'sha256-{base64.b64encode(one).decode()}'" for one in digests]
    address = urlsplit(current_app.config["CMS"].api_url)
    policy = POLICY | {
        "script-src": " ".join(["'self'", *scripts]),
        "connect-src": f"'self' {address.scheme}://{address.netloc}",
    }
    header = "; ".join(f"{name} {value}" for name, value in policy.items())
    response.headers["Content-Security-Policy"] = header
    return response


def document() -> Finished:
    return Finished(orjson.dumps(description()))


def description() -> dict[str, Any]:
    """The whole OpenAPI document as JSON values, built once for each application."""
    known = current_app.extensions.get("cms_openapi")
    if known is None:
        spec = current_app.extensions["cms_api"].spec.to_dict()
        spec["servers"] = [{"url": current_app.config["CMS"].api_url}]
        spec["paths"][DOCUMENT_URL] = {"get": _own_operation()}
        known = describe_events(describe(spec))
        current_app.extensions["cms_openapi"] = known
    return known


def _own_operation() -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "tags": ["health"],
        "summary": "Read this description",
        "responses": {"200": {"description": "OK", "content": content}},
    }


def type_of_enum(_converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """apispec names the values of an enumeration, and not their type."""
    if not isinstance(field, fields.Enum):
        return {}
    return {"type": ["string", "null"] if field.allow_none else "string"}
