"""What public routes can be asked for: closed lists of parameters."""

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from cms.api.delivery.schemas import ListedPostSchema, PublicPostSchema
from cms.api.fields import Id, QueryFlag, QueryNumber, Time
from cms.api.paging import PageSchema, PagingSchema, sorted_by
from cms.services.delivery.including import INCLUDES, WHOLE_INCLUDES
from cms.services.delivery.moment import EVERY_LOCALE
from cms.services.delivery.posts import NOTATIONS
from cms.services.delivery.related import DEFAULT_LIMIT


def slugs(most: int = 20, **kwargs: Any) -> fields.List:
    """A filter by slug: each name that is given is another "any of"."""
    return fields.List(
        fields.String(validate=validate.Length(1, 200)),
        validate=validate.Length(max=most),
        metadata={"description": "Repeat for “any of”"},
        **kwargs,
    )


LONGEST_SEARCH = 200


def words(**kwargs: Any) -> fields.String:
    """What somebody looks for. Any text is safe."""
    description = "Every word; “in quotes” a phrase; `word*`, and the last word, from 3 letters on"
    return fields.String(
        validate=validate.Length(1, LONGEST_SEARCH),
        metadata={"description": description},
        **kwargs,
    )


def field_names(schema: Schema, prefix: str = "", above: tuple[type, ...] = ()) -> set[str]:
    """Every name that `fields` may hold: `title`, `body.html`, `tags.slug`, …"""
    if type(schema) in above:
        return set()
    found = set()
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        found.add(prefix + name)
        if isinstance(inner, fields.Nested):
            found |= field_names(inner.schema, f"{prefix}{name}.", (*above, type(schema)))
    return found


class CommaSeparated(fields.List):
    """`a,b,c`, each from an allow-list; given again, more of them."""

    def __init__(self, allowed: set[str] | list[str], **kwargs: Any) -> None:
        self.allowed = sorted(allowed)
        inner = fields.String(validate=validate.OneOf(self.allowed))
        super().__init__(inner, metadata={"x-comma-separated": True}, **kwargs)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> list[str]:
        names = [name.strip() for text in value for name in text.split(",")]
        unknown = next((name for name in names if name not in self.allowed), None)
        if unknown is not None:
            raise ValidationError(f"{unknown!r} is not one of: {', '.join(self.allowed)}.")
        return list(dict.fromkeys(names))


class LocaleSchema(Schema):
    locale = fields.String(load_default=None, metadata={"description": "Default: the site's"})


class AnyLocaleSchema(Schema):
    locale = fields.String(
        load_default=None, metadata={"description": "Default: the site's; `*`: all"}
    )


def wish(names: set[str], includes: Iterable[str]) -> dict[str, Any]:
    return {
        "body": CommaSeparated(NOTATIONS, load_default=()),
        "fields": CommaSeparated(names, load_default=()),
        "include": CommaSeparated(list(includes), load_default=()),
    }


# What `fields` may name and only `include` adds.
INCLUDED = {"related": "related", "comments.items": "comments", "jsonld": "jsonld"}


class WishSchema(Schema):
    """What `fields` names is loaded, though `body` and `include` do not ask for it."""

    @post_load
    def load_what_is_named(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        names, include = data["fields"], data["include"]
        implied = [INCLUDED[one] for one in INCLUDED if any(_within(name, one) for name in names)]
        # Those of which no part is named come whole.
        whole = [one for one in include if not any(_within(name, one) for name in names)]
        return data | {
            "body": _notations(names, data["body"]),
            "fields": [*names, *whole] if names else names,
            "include": list(dict.fromkeys([*include, *implied])),
        }


def _within(name: str, above: str) -> bool:
    return f"{name}.".startswith(f"{above}.")


def _notations(names: list[str], asked: list[str]) -> list[str]:
    """The notations of a body to load. Raises ValidationError for one that `body` leaves out."""
    parts = [name.split(".")[1:2] for name in names if _within(name, "body")]
    named = [part[0] for part in parts if part and part[0] in NOTATIONS]
    missing = next((one for one in named if asked and one not in asked), None)
    if missing is not None:
        detail = f"`body.{missing}` is named here, and `body` does not ask for {missing}."
        raise ValidationError(detail, "fields")
    # A body alone is HTML; its table of contents comes with any notation.
    alone = ["html"] if [] in parts or (parts and not named) else []
    return asked or list(dict.fromkeys([*alone, *named]))


WorkingCopyQuerySchema = type(
    "WorkingCopyQuerySchema",
    (WishSchema,),
    wish(field_names(PublicPostSchema()), WHOLE_INCLUDES),
)


class PostQuerySchema(WorkingCopyQuerySchema):
    locale = fields.String(load_default=None)


class PostFiltersSchema(PagingSchema, AnyLocaleSchema):
    q = words()
    slug = slugs()
    tag = slugs()
    category = slugs()
    author = slugs()
    published_after = Time()
    published_before = Time()
    updated_after = Time()
    sort = sorted_by("published_at", "updated_at", "title", default="-published_at")


PostListQuerySchema = type(
    "PostListQuerySchema",
    (PostFiltersSchema, WishSchema),
    wish(field_names(ListedPostSchema()), INCLUDES),
)


class FeedQuerySchema(PageSchema, AnyLocaleSchema):
    tag = slugs()


class SyncQuerySchema(AnyLocaleSchema):
    since = fields.String(
        load_default=None,
        validate=validate.Length(1, 2000),
        metadata={"description": "`meta.next` of the answer before; without it, everything"},
    )
    limit = QueryNumber(1, 100, load_default=100)


class SitemapQuerySchema(Schema):
    part = QueryNumber(
        1, 50_000, load_default=None, metadata={"description": "Of a site that has an index"}
    )
    locale = fields.String(
        load_default=EVERY_LOCALE, metadata={"description": "Default: `*`, which is all"}
    )


class FaqListQuerySchema(PagingSchema, AnyLocaleSchema):
    q = words()
    tag = slugs()
    post = slugs()
    sort = sorted_by("position", "question", "updated_at", default="position")


class TermListQuerySchema(PagingSchema, AnyLocaleSchema):
    pass


class PostFaqsQuerySchema(PagingSchema, LocaleSchema):
    pass


class HistoryQuerySchema(PagingSchema, LocaleSchema):
    pass


class RelatedQuerySchema(LocaleSchema):
    limit = QueryNumber(1, 20, load_default=DEFAULT_LIMIT)


class ThreadQuerySchema(PagingSchema, LocaleSchema):
    # As of every list, and told whether it is asked for or not.
    total = QueryFlag(load_default=True, metadata={"description": "`meta.total` is always there"})
    sort = sorted_by("created_at", default="created_at")
    parent = Id(load_default=None, metadata={"description": "List the replies of this comment"})
