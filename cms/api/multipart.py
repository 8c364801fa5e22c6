"""Read a form with one file in it, strictly: nothing unknown, doubled or too large gets in."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import current_app, request
from marshmallow import RAISE, Schema, ValidationError
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from cms.api.body_kinds import ROOM_FOR_FIELDS, most_of_upload
from cms.api.pointers import faults
from cms.api.problems import UnsupportedMediaType
from cms.api.strict import InvalidFields, refuse_controls
from cms.errors import Malformed, TooLarge

FORM = "multipart/form-data"
FILE = "file"
MOST_PARTS = 20


@dataclass(frozen=True)
class Upload:
    """A file as it came: what the sender calls it, its bytes, and the checked text fields."""

    name: str
    data: bytes
    fields: dict[str, Any]


def parse_form(schema: Schema) -> Upload:
    """Raises Malformed, TooLarge, UnsupportedMediaType, InvalidFields."""
    if request.mimetype != FORM:
        raise UnsupportedMediaType(f"Send the file as {FORM}.")
    form, files = _parts()
    _check_names(schema, form, files)
    file = files[FILE]
    data = file.stream.read()
    if len(data) > current_app.config["CMS"].media_max_bytes:
        raise RequestEntityTooLarge
    return Upload(file.filename or "", data, _fields(schema, form))


def _parts() -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    parser = FormDataParser(
        # The body is in memory already; on its way to a disk nothing would be gained.
        stream_factory=lambda *_args, **_kwargs: BytesIO(),
        max_form_memory_size=ROOM_FOR_FIELDS,
        max_form_parts=MOST_PARTS,
        silent=False,
    )
    body = _body()
    try:
        _, form, files = parser.parse(BytesIO(body), FORM, len(body), request.mimetype_params)
    except RequestEntityTooLarge:
        detail = f"At most {MOST_PARTS} parts, and {ROOM_FOR_FIELDS} bytes of text, are taken."
        raise TooLarge(detail, reason="too_many_parts") from None
    except ValueError:
        raise Malformed("The form can not be read.", reason="malformed_form") from None
    return form, files


def _body() -> bytes:
    most = most_of_upload(current_app.config["CMS"])
    # One more than is taken: a body without a length is cut there, and must not pass for whole.
    request.max_content_length = most + 1
    body = request.get_data(cache=False)
    if len(body) > most:
        raise RequestEntityTooLarge
    return body


def _check_names(
    schema: Schema, form: MultiDict[str, str], files: MultiDict[str, FileStorage]
) -> None:
    given = [*form.keys(), *files.keys()]
    faults = {name: ["Unknown field."] for name in given if name not in {FILE, *schema.fields}}
    faults |= {name: ["This is text, not a file."] for name in files if name in schema.fields}
    for part in (form, files):
        faults |= {name: ["Given twice."] for name, all_ in part.lists() if len(all_) > 1}
    if FILE not in files:
        faults[FILE] = ["Send one file, with a file name."]
    if faults:
        raise _invalid(faults)


def _fields(schema: Schema, form: MultiDict[str, str]) -> dict[str, Any]:
    for name, value in form.items():
        # What the parser puts for bytes that are no UTF-8.
        if "\ufffd" in value:
            raise Malformed("The text of a form is UTF-8.", reason="malformed_form")
        refuse_controls(value, f"/{name}")
    try:
        return schema.load(form.to_dict(), unknown=RAISE)
    except ValidationError as error:
        raise _invalid(error.messages) from None


def _invalid(messages: Any) -> InvalidFields:
    detail = "Some fields can not be accepted."
    return InvalidFields(detail, reason="validation_failed", errors=faults(messages))
