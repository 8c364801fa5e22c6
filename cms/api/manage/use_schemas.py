"""Who uses what: seen where one thing is read, not in lists."""

from marshmallow import Schema, fields

from cms.api.fields import Id
from cms.api.manage.schemas import AuthorSchema, CategorySchema, FaqSchema, PostSchema, TagSchema
from cms.models import Post, Status
from cms.services import clock


class UsedBySchema(Schema):
    """`publications`: live and waiting rows. Working copies in the trash count."""

    working_copies = fields.Integer(required=True)
    publications = fields.Integer(required=True)


class CategoryUsedBySchema(UsedBySchema):
    """`publications` are also those in categories below; `categories` are the next below."""

    categories = fields.Integer(required=True)


class AncestorSchema(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)


class TagDetailSchema(TagSchema):
    used_by = fields.Nested(UsedBySchema, required=True)


class CategoryDetailSchema(CategorySchema):
    """`ancestors`: all that it is in, from the top."""

    ancestors = fields.List(fields.Nested(AncestorSchema), required=True)
    used_by = fields.Nested(CategoryUsedBySchema, required=True)


class AuthorDetailSchema(AuthorSchema):
    used_by = fields.Nested(UsedBySchema, required=True)


class UsingPostSchema(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Method(
        "status_now", metadata={"type": "string", "enum": list(Status)}, required=True
    )

    def status_now(self, post: Post) -> Status:
        return post.status_at(clock.reading_now())


class PostDetailSchema(PostSchema):
    """A working copy, and the posts that pick it: the first hundred by title."""

    picked_by = fields.List(fields.Nested(UsingPostSchema), required=True)
    excluded_by = fields.List(fields.Nested(UsingPostSchema), required=True)


class FaqDetailSchema(FaqSchema):
    """A working copy, and the posts that show it or will: the first hundred by title."""

    used_in = fields.List(fields.Nested(UsingPostSchema), required=True)


class MergeSchema(Schema):
    into = Id(required=True, metadata={"description": "The id of the one that stays"})
