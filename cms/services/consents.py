"""What readers agree to when they comment: by language, as it was worded at any time.

A wording is kept for good, because comments name the one that their form showed.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, String, bindparam, select

from cms.extensions import db
from cms.models import ConsentText
from cms.models.base import UtcDateTime
from cms.reading import reader
from cms.times import format_time


@cache
def at_time() -> Select[Any]:
    """`(id, text)` of what was said in `:locale` at `:at`; an empty text says nothing."""
    said = ConsentText.locale == bindparam("locale", type_=String())
    began = ConsentText.created_at <= bindparam("at", type_=UtcDateTime())
    newest = ConsentText.created_at.desc(), ConsentText.id.desc()
    return select(ConsentText.id, ConsentText.text).where(said, began).order_by(*newest).limit(1)


def id_at(locales: tuple[str, ...], at: datetime) -> str | None:
    """The wording that a form in the first of these languages that has one showed."""
    for locale in dict.fromkeys(locales):
        found = reader().row(at_time(), {"locale": locale, "at": format_time(at)})
        if found is not None and found[1]:
            return found[0]
    return None


def keep(before: Mapping[str, str], after: Mapping[str, str], now: datetime) -> None:
    """Note each wording that is another from now on."""
    for locale in sorted({*before, *after}):
        text = after.get(locale, "")
        if text != before.get(locale, ""):
            db.session.add(ConsentText(locale=locale, text=text, created_at=now))
