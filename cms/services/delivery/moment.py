"""What one public request stands on: its time, its locale, and the site's addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import current_app
from sqlalchemy.sql.expression import Executable

from cms.config import Config
from cms.errors import Malformed
from cms.reading import EXTENSION, Reader, Row
from cms.services import clock
from cms.services.delivery.memory import EXTENSION as MEMORY
from cms.services.delivery.memory import Memory
from cms.times import format_time, now_text

EVERY_LOCALE = "*"


@dataclass
class Moment:
    """The site at one time, in one locale (or all, for lists)."""

    locale: str
    config: Config
    reader: Reader
    # None until the first statement, where that brings the database's time along.
    at: str | None = None
    # The keys of what was read, as changes touch them, as far as readers name them.
    held: set[str] = field(default_factory=set)
    # Whether it is the present, which goes on; the time of a preview stands still.
    is_present: bool = False
    # What other moments have seen is of no use to one that stands on what is not committed.
    memory: Memory = field(default_factory=Memory)

    @property
    def now(self) -> str:
        if self.at is None:
            self.at = format_time(clock.reading_now())
        return self.at

    def rows(self, statement: Executable, **parameters: Any) -> list[Row]:
        given = {"now": self.at, "locale": self.locale, **parameters}
        found = self.reader.rows(statement, given)
        if self.at is None:
            self.at = format_time(given["now"])
        return found

    def row(self, statement: Executable, **parameters: Any) -> Row | None:
        return next(iter(self.rows(statement, **parameters)), None)

    def again(self) -> "Moment":
        """The same site, at the time that is then: for what reads on while the site changes."""
        return replace(self, at=_arriving(self.reader)) if self.is_present else self

    @property
    def locales(self) -> list[str]:
        return list(self.config.locales) if self.locale == EVERY_LOCALE else [self.locale]

    def url(self, post: Mapping[str, Any]) -> str:
        """Where the frontend shows a post."""
        return self.config.post_url_template.format_map(post)


def present(locale: str | None = None, *, also: str | None = None) -> Moment:
    """The site as it is now, in one of its locales, by default the first.

    Raises Malformed for a locale that the site does not have; `also` names one more to allow.
    """
    # The proxy costs as much at each use as the rest of this function.
    app = current_app._get_current_object()
    config: Config = app.config["CMS"]
    if locale not in (None, also, *config.locales):
        detail = f"This site has only: {', '.join(config.locales)}."
        fault = {"pointer": "locale", "detail": detail}
        raise Malformed(detail, reason="bad_parameter", errors=[fault])
    asked = app.extensions[EXTENSION]
    return Moment(
        locale or config.default_locale,
        config,
        asked,
        _arriving(asked),
        is_present=True,
        memory=app.extensions[MEMORY],
    )


def _arriving(asked: Reader) -> str | None:
    return now_text() if asked.is_sqlite else None
