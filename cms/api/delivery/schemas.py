"""What the public sees. Never inherit from a management schema: a new private field must not leak.

These schemas describe; the answers themselves are read ready-made from the database.
"""

from marshmallow import Schema, fields

from cms.api.delivery.comment_schemas import PublicCommentSchema


class TermSchema(Schema):
    slug = fields.String(required=True)
    name = fields.String(required=True)


class BylineSchema(TermSchema):
    credentials = fields.String(required=True, allow_none=True)


class HeadingSchema(Schema):
    id = fields.String(required=True)
    level = fields.Integer(required=True)
    title = fields.String(required=True)


class BlockSchema(Schema):
    class Meta:
        unknown = "include"

    id = fields.String(required=True)
    type = fields.String(required=True)
    html = fields.String(required=True)


class BodySchema(Schema):
    html = fields.String()
    markdown = fields.String()
    text = fields.String()
    blocks = fields.List(fields.Nested(BlockSchema))
    toc = fields.List(fields.Nested(HeadingSchema), required=True)


class RenditionSchema(Schema):
    url = fields.Url(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    mime_type = fields.String(required=True)


class PictureSchema(Schema):
    """`focal_x` and `focal_y` are the point to keep in view: shares of width and height."""

    url = fields.Url(required=True)
    alt = fields.String(required=True)
    caption = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    focal_x = fields.Float(required=True)
    focal_y = fields.Float(required=True)
    renditions = fields.List(fields.Nested(RenditionSchema), required=True)


class ReviewSchema(Schema):
    reviewed_by = fields.Nested(BylineSchema, required=True)
    reviewed_on = fields.Date(required=True)
    due_on = fields.Date(allow_none=True, required=True)
    is_of_this_text = fields.Boolean(
        required=True, metadata={"description": "False: the text was changed since the review"}
    )


class SourceSchema(Schema):
    number = fields.Integer(required=True, metadata={"description": "The text links to #source-N"})
    title = fields.String(required=True)
    url = fields.Url(allow_none=True, required=True)
    doi = fields.String(allow_none=True, required=True)
    pmid = fields.String(allow_none=True, required=True)
    publisher = fields.String(allow_none=True, required=True)
    year = fields.Integer(allow_none=True, required=True)
    accessed_on = fields.Date(allow_none=True, required=True)


class SeoSchema(Schema):
    title = fields.String(required=True)
    description = fields.String(required=True)
    canonical_url = fields.Url(allow_none=True, required=True)
    noindex = fields.Boolean(required=True)


class AnswerTextSchema(Schema):
    html = fields.String(required=True)
    text = fields.String(required=True)


class PostFaqSchema(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    question = fields.String(required=True)
    answer = fields.Nested(AnswerTextSchema, required=True)


class CommentStateSchema(Schema):
    open = fields.Boolean(required=True)
    count = fields.Integer(required=True)
    items = fields.List(
        fields.Nested(PublicCommentSchema),
        metadata={"description": "With `include=comments`: the first page of the thread"},
    )


class TranslationSchema(Schema):
    locale = fields.String(required=True)
    slug = fields.String(required=True)


class NeighbourSchema(Schema):
    slug = fields.String(required=True)
    title = fields.String(required=True)


class PublicPostSummarySchema(Schema):
    """A post in a list. With `fields`, only what that names is there, required or not."""

    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    locale = fields.String(required=True)
    url = fields.Url(required=True)
    title = fields.String(required=True)
    excerpt = fields.String(required=True)
    word_count = fields.Integer(required=True)
    reading_minutes = fields.Integer(required=True)
    hero = fields.Nested(PictureSchema, allow_none=True, required=True)
    category = fields.Nested(TermSchema, allow_none=True, required=True)
    tags = fields.List(fields.Nested(TermSchema), required=True)
    authors = fields.List(fields.Nested(BylineSchema), required=True)
    review = fields.Nested(ReviewSchema, allow_none=True, required=True)
    published_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    comments = fields.Nested(CommentStateSchema, required=True)
    translations = fields.List(fields.Nested(TranslationSchema), required=True)


class RelationSchema(Schema):
    kind = fields.String(required=True, metadata={"enum": ["picked", "computed"]})
    score = fields.Float(required=True)
    reasons = fields.List(fields.String(), required=True)
    note = fields.String(required=True, allow_none=True)


class RelatedPostSchema(PublicPostSummarySchema):
    relation = fields.Nested(RelationSchema, required=True)


class ListedPostSchema(PublicPostSummarySchema):
    body = fields.Nested(BodySchema)
    related = fields.List(fields.Nested(RelatedPostSchema))


class PublicPostSchema(ListedPostSchema):
    """A whole post."""

    sources = fields.List(fields.Nested(SourceSchema), required=True)
    seo = fields.Nested(SeoSchema, required=True)
    faqs = fields.List(fields.Nested(PostFaqSchema), required=True)
    previous = fields.Nested(NeighbourSchema, allow_none=True, required=True)
    next = fields.Nested(NeighbourSchema, allow_none=True, required=True)
    jsonld = fields.Dict(metadata={"description": "With `include=jsonld`: a graph of schema.org"})


class PublicFaqSchema(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    locale = fields.String(required=True)
    question = fields.String(required=True)
    answer = fields.Nested(AnswerTextSchema, required=True)
    tags = fields.List(fields.Nested(TermSchema), required=True)
    position = fields.Integer(required=True)
    published_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    translations = fields.List(fields.Nested(TranslationSchema), required=True)


class FaqPostSchema(NeighbourSchema):
    url = fields.Url(required=True)


class PublicFaqDetailSchema(PublicFaqSchema):
    posts = fields.List(fields.Nested(FaqPostSchema), required=True)


class PublicTagSchema(TermSchema):
    description = fields.String(required=True)
    post_count = fields.Integer(required=True)


class PublicCategorySchema(PublicTagSchema):
    """`ancestors`: all that it is in, from the top; the last of them is its `parent`."""

    parent = fields.Nested(TermSchema, required=True, allow_none=True)
    ancestors = fields.List(fields.Nested(TermSchema), required=True)


class PublicAuthorSchema(PublicTagSchema):
    credentials = fields.String(required=True, allow_none=True)
    bio = fields.String(required=True)
    links = fields.List(fields.Url(), required=True)
    photo = fields.Nested(PictureSchema, required=True, allow_none=True)


class SiteSchema(Schema):
    name = fields.String(required=True)
    description = fields.String(required=True)
    url = fields.Url(required=True, metadata={"description": "The frontend"})
    api_url = fields.Url(required=True)
    post_url = fields.String(required=True, metadata={"description": "Template of a post's page"})
    locales = fields.List(fields.String(), required=True)
    default_locale = fields.String(required=True)
    logo = fields.Url(required=True, allow_none=True)
