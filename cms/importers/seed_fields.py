"""From raw values to one record: what each field may hold.

A check gives the value to keep, or raises ValueError; `naming` puts the field in front of it.
"""

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime
from typing import Any

from cms.importers.seed_errors import naming
from cms.importers.seed_records import STATUSES, SeedPick, SeedPost, SeedSeo

Check = Callable[[Any], Any]


def records(kind: type, raw: Any) -> tuple[Any, ...]:
    return each(raw, lambda entry: record(kind, entry))


def record(kind: type, raw: Any, **below: str) -> Any:
    """Build one record from its front matter and from the text below it."""
    refuse_unknown_fields(mapping(raw), {column.name for column in fields(kind)} - below.keys())
    made = kind(**{column.name: checked(column, raw | below) for column in fields(kind)})
    if isinstance(made, SeedPost) and made.published and made.published_at is None:
        raise ValueError("published_at: is missing, and the post is not marked published: false")
    return made


def checked(column: Field, raw: dict) -> Any:
    with naming(column.name):
        if column.name not in raw and column.default is MISSING:
            raise ValueError("is missing")
        given = raw.get(column.name, column.default)
        return given if given is column.default else CHECKS.get(column.name, text)(given)


def refuse_unknown_fields(raw: dict, allowed: Container[str]) -> None:
    for name in raw:
        if name not in allowed:
            raise ValueError(f"{name}: unknown field")


def mapping(value: Any) -> dict:
    if not isinstance(value, dict):
        raise ValueError("must be fields with values")
    return value


def each(value: Any, check: Check) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list")
    found = []
    for number, entry in enumerate(value, start=1):
        with naming(f"entry {number}"):
            found.append(check(entry))
    return tuple(found)


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be text, and not empty")
    return value.strip()


def shaped(pattern: str, wanted: str) -> Check:
    def check(value: Any) -> str:
        if not re.fullmatch(pattern, text(value)):
            raise ValueError(f"must be {wanted}, not {value!r}")
        return value.strip()

    return check


def exactly(kind: type, wanted: str) -> Check:
    def check(value: Any) -> Any:
        if type(value) is not kind:  # For isinstance, True is an int too.
            raise ValueError(f"must be {wanted}, not {value!r}")
        return value

    return check


def moment(value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("must be a time with an offset, like 2026-01-12T09:00:00Z")
    return value.astimezone(UTC)


def slugs(value: Any) -> tuple[str, ...]:
    return distinct(each(value, slug))


def picks(value: Any) -> tuple[SeedPick, ...]:
    found = records(SeedPick, value)
    distinct([pick.slug for pick in found])
    return found


def distinct(names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name!r} is there twice")
    return names


slug = shaped(r"[a-z0-9]+(-[a-z0-9]+)*", "a slug like multiple-sclerosis")

# A field's name says what it holds, in every file. What is not named here is text.
CHECKS: dict[str, Check] = {
    **dict.fromkeys(("slug", "category", "parent", "post", "key", "reply_to"), slug),
    **dict.fromkeys(("tags", "authors", "faqs"), slugs),
    **dict.fromkeys(("published_at", "created_at"), moment),
    **dict.fromkeys(("published", "comments_open"), exactly(bool, "true or false")),
    "position": exactly(int, "a whole number"),
    "locale": shaped(r"[a-z]{2,3}(-[A-Z]{2})?", "a locale like en or pt-BR"),
    "status": shaped("|".join(STATUSES), f"one of {', '.join(STATUSES)}"),
    "author_email": shaped(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an email address"),
    "author_url": shaped(r"https?://\S+", "a web address"),
    "related": picks,
    "seo": lambda value: record(SeedSeo, value),
}
