"""What editors send and see: closed lists of fields. Schemas check shape, services facts."""

from datetime import datetime
from typing import Any

from flask import current_app
from marshmallow import Schema, fields, post_dump, validate

from cms import content
from cms.api.delivery.schemas import HeadingSchema
from cms.api.fields import Flag, Id, Name, Slug, Text, Time, Url, WholeNumber
from cms.api.manage.review_schemas import (
    MOST_SOURCES,
    KeptSourceSchema,
    PostReviewSchema,
    SourceInputSchema,
)
from cms.models import BodyFormat, Entry, Post, Status
from cms.services import clock, translations
from cms.times import format_time

MOST_LINKS = validate.Length(max=100)


class SourceTextSchema(Schema):
    """A body as an editor writes it."""

    format = fields.Enum(BodyFormat, by_value=True, required=True)
    source = fields.String(required=True, validate=validate.Length(max=content.MAX_SOURCE_BYTES))


class RenderedTextSchema(Schema):
    format = fields.Enum(BodyFormat, by_value=True, attribute="body_format", required=True)
    source = fields.String(attribute="body_source", required=True)
    html = fields.String(attribute="body_html", required=True)
    toc = fields.List(fields.Nested(HeadingSchema), required=True)


class SeoInputSchema(Schema):
    title = Text(200, allow_none=True)
    description = Text(500, allow_none=True)
    canonical_url = Url(allow_none=True)
    noindex = Flag()


class EntryInputSchema(Schema):
    slug = Slug()
    locale = fields.String(validate=validate.Length(2, 16))
    translation_of = Id(
        allow_none=True, metadata={"description": "Any entry that says the same in another locale"}
    )
    note = Text(500, allow_none=True, metadata={"description": "Why, for the history"})
    tag_ids = fields.List(Id(), validate=MOST_LINKS)


class PostChangesSchema(EntryInputSchema):
    """Any of a post's fields."""

    title = Name(300, shortest=1)
    excerpt = Text(1000)
    body = fields.Nested(SourceTextSchema)
    category_id = Id(allow_none=True)
    author_ids = fields.List(Id(), validate=MOST_LINKS)
    hero_media_id = Id(allow_none=True)
    seo = fields.Nested(SeoInputSchema)
    comments_open = Flag()
    sources = fields.List(fields.Nested(SourceInputSchema), validate=MOST_SOURCES)


class NewPostSchema(PostChangesSchema):
    """A post to start with: a title at least."""

    title = Name(300, shortest=1, required=True)


class FaqChangesSchema(EntryInputSchema):
    """Any of a FAQ's fields."""

    title = Name(300, shortest=1, data_key="question")
    body = fields.Nested(SourceTextSchema, data_key="answer")
    position = WholeNumber()


class NewFaqSchema(FaqChangesSchema):
    """A FAQ to start with: question and answer."""

    title = Name(300, shortest=1, data_key="question", required=True)
    body = fields.Nested(SourceTextSchema, data_key="answer", required=True)


class LinkedTranslationSchema(Schema):
    id = fields.UUID(required=True)
    locale = fields.String(required=True)
    slug = fields.String(required=True)
    title = fields.String(required=True)


TRANSLATIONS = LinkedTranslationSchema(many=True)


class EntrySchema(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    locale = fields.String(required=True)
    status = fields.Method(
        "status_now", metadata={"type": "string", "enum": list(Status)}, required=True
    )
    has_unpublished_changes = fields.Method(
        "changes_now", metadata={"type": "boolean"}, required=True
    )
    tag_ids = fields.List(fields.UUID(), required=True)
    revision = fields.Integer(required=True)
    version = fields.Integer(required=True)
    published_at = Time(allow_none=True, required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)
    created_by = fields.UUID(allow_none=True, required=True)
    publish_at = fields.Method(
        "starts", metadata={"type": ["string", "null"], "format": "date-time"}, required=True
    )
    unpublish_at = fields.Method(
        "ends", metadata={"type": ["string", "null"], "format": "date-time"}, required=True
    )
    trashed_at = Time(allow_none=True, required=True)
    translations = fields.List(fields.Nested(LinkedTranslationSchema), required=True)

    @post_dump(pass_collection=True, pass_original=True)
    def add_translations(self, data: Any, original: Any, many: bool, **_: Any) -> Any:
        # In one statement for a whole page.
        known = translations.of(original if many else [original])
        for entry in data if many else [data]:
            entry["translations"] = TRANSLATIONS.dump(known[str(entry["id"])])
        return data

    def starts(self, entry: Entry) -> str | None:
        return _time(entry.starts_at(clock.reading_now()))

    def ends(self, entry: Entry) -> str | None:
        return _time(entry.ends_at(clock.reading_now()))

    def status_now(self, entry: Entry) -> Status:
        return entry.status_at(clock.reading_now())

    def changes_now(self, entry: Entry) -> bool:
        return entry.has_unpublished_changes_at(clock.reading_now())


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else format_time(moment)


class RelatedPickSchema(Schema):
    post_id = Id(required=True)
    note = Text(300, allow_none=True, load_default=None)


class PostSchema(EntrySchema):
    """The working copy of a post."""

    title = fields.String(required=True)
    excerpt = fields.String(required=True)
    url = fields.Method("public_url", metadata={"type": "string"}, required=True)
    body = fields.Nested(RenderedTextSchema, attribute="rendered", required=True)
    word_count = fields.Integer(required=True)
    reading_minutes = fields.Method("minutes", metadata={"type": "integer"}, required=True)
    category_id = fields.UUID(allow_none=True, required=True)
    author_ids = fields.List(fields.UUID(), required=True)
    hero_media_id = fields.UUID(allow_none=True, required=True)
    faq_ids = fields.List(fields.UUID(), required=True)
    related = fields.List(fields.Nested(RelatedPickSchema), required=True)
    excluded = fields.List(fields.UUID(), required=True)
    seo = fields.Nested(SeoInputSchema, required=True)
    comments_open = fields.Boolean(required=True)
    sources = fields.List(fields.Nested(KeptSourceSchema), required=True)
    review = fields.Nested(PostReviewSchema, allow_none=True, required=True)

    def public_url(self, post: Post) -> str:
        template = current_app.config["CMS"].post_url_template
        return template.format(slug=post.slug, locale=post.locale)

    def minutes(self, post: Post) -> int:
        return content.reading_minutes(post.word_count)


class FaqSchema(EntrySchema):
    """The working copy of a FAQ."""

    title = fields.String(data_key="question", required=True)
    answer = fields.Nested(RenderedTextSchema, attribute="rendered", required=True)
    position = fields.Integer(required=True)
    comment_id = fields.UUID(required=True, allow_none=True)


class PostFaqsSchema(Schema):
    faq_ids = fields.List(Id(), required=True, validate=MOST_LINKS)


class PostRelatedSchema(Schema):
    related = fields.List(fields.Nested(RelatedPickSchema), load_default=list, validate=MOST_LINKS)
    excluded = fields.List(Id(), load_default=list, validate=MOST_LINKS)


class TagChangesSchema(Schema):
    name = Name(120, shortest=1)
    slug = Slug()
    description = Text(2000)


class NewTagSchema(TagChangesSchema):
    name = Name(120, shortest=1, required=True)


class CategoryChangesSchema(TagChangesSchema):
    parent_id = Id(allow_none=True)


class NewCategorySchema(CategoryChangesSchema):
    name = Name(120, shortest=1, required=True)


class AuthorChangesSchema(TagChangesSchema):
    credentials = Text(120, allow_none=True)
    bio = Text(5000)
    links = fields.List(Url(), validate=validate.Length(max=20))
    photo_media_id = Id(allow_none=True)


class NewAuthorSchema(AuthorChangesSchema):
    name = Name(120, shortest=1, required=True)


class TagSchema(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    version = fields.Integer(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)


class CategorySchema(TagSchema):
    parent_id = fields.UUID(allow_none=True, required=True)


class AuthorSchema(TagSchema):
    credentials = fields.String(allow_none=True, required=True)
    bio = fields.String(required=True)
    links = fields.List(fields.String(), required=True)
    photo_media_id = fields.UUID(allow_none=True, required=True)
