"""The types of fields that requests and answers share."""

import re
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import quote

from marshmallow import ValidationError, fields, validate

from cms.services.contact import is_blank
from cms.times import format_time, parse_day, parse_time

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
NOT_IN_NAMES = re.compile("[\u200b\u202a-\u202e\u2060-\u2069\ufeff]")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class WholePattern(validate.Regexp):
    """A pattern for the whole text. `$` alone would let a line break follow."""

    def __init__(self, pattern: str, error: str) -> None:
        super().__init__(f"^{pattern}$", error=error)

    def __call__(self, value: str) -> str:
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


def seen(text: str) -> str:
    """A validator: refuses text of which nobody would see anything."""
    if text and is_blank(text):
        raise ValidationError("Write something that can be seen.")
    return text


class Text(fields.String):
    """Text of a bounded length, without the space around it; where it must be there, seen."""

    def __init__(self, longest: int, *, shortest: int = 0, **kwargs: Any) -> None:
        self.strips = kwargs.pop("strips", True)
        length = validate.Length(min=shortest, max=longest)
        super().__init__(validate=[length, seen] if shortest else length, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        return text.strip() if self.strips else text


class Name(Text):
    """What things are called, on one line: without what turns a line around or is not there.

    Joiners stay: some scripts are written with them.
    """

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return NOT_IN_NAMES.sub("", super()._deserialize(value, *args, **kwargs)).strip()


class Id(fields.String):
    """A UUID in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=WholePattern(UUID.pattern, "This is not an id."), **kwargs)


class Slug(fields.String):
    """Lower-case words of ASCII letters and digits, joined by hyphens."""

    def __init__(self, **kwargs: Any) -> None:
        pattern = WholePattern(SLUG.pattern, "Use lower-case words joined by hyphens.")
        super().__init__(validate=[validate.Length(1, 120), pattern], **kwargs)


class Time(fields.Field[datetime]):
    """RFC 3339 with an offset, in the years 1970 to 2999; answered in UTC with milliseconds."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else format_time(value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if not isinstance(value, str):
            raise ValidationError("Write a time as text, like 2026-11-22T10:00:00Z.")
        try:
            return parse_time(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class Day(fields.Date):
    """A plain date, like 2026-11-22, in the years 1970 to 2999."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if not isinstance(value, str):
            raise ValidationError("Write a date as text, like 2026-11-22.")
        try:
            return parse_day(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


# What would end an attribute of HTML, and means nothing in an address.
UNSAFE_IN_URL = re.compile(r"[\"'<>`\\\s]")


class Url(fields.Url):
    """An http or https address, at most 500 characters; quotes and brackets come out as `%22`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            schemes={"http", "https"},
            require_tld=False,
            validate=validate.Length(max=500),
            **kwargs,
        )

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        url = super()._deserialize(value, *args, **kwargs)
        return UNSAFE_IN_URL.sub(lambda found: quote(found[0]), url.strip())


class WholeNumber(fields.Integer):
    """A JSON integer within 32 bits: no fraction, no text, no boolean."""

    def __init__(self, least: int = 0, most: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(least, most), **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool | str):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class QueryNumber(fields.Integer):
    """Decimal digits in a query string. `int()` alone would also take "٣", "1_0" and " 7 "."""

    def __init__(self, least: int = 0, most: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, str) and not DIGITS.fullmatch(value):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


DIGITS = re.compile(r"-?[0-9]{1,10}")


class Flag(fields.Boolean):
    """JSON `true` or `false`, nothing that only looks like it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class QueryFlag(fields.Boolean):
    """`true` or `false` in a query string."""

    truthy: ClassVar[set[Any]] = {"true"}
    falsy: ClassVar[set[Any]] = {"false"}
