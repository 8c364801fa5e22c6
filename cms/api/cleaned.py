"""A field of text that is made safe before anything looks at it."""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields, validate


class Cleaned(fields.String):
    """Text that a function makes safe, or refuses by a ValueError."""

    def __init__(self, clean: Callable[[str], str], longest: int, **kwargs: Any) -> None:
        self.clean, self.length = clean, validate.Length(max=longest)
        super().__init__(validate=self.length, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        try:
            # Before as well: what cleans need not be fast on a megabyte.
            return self.clean(self.length(text.strip()))
        except ValueError as error:
            raise ValidationError(str(error)) from None
