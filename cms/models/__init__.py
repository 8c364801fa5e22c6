"""Rows, and the rules of one row. Nothing here knows Flask."""

from cms.models.audit import AuditEvent
from cms.models.base import Base
from cms.models.body_link import BodyLink, Target
from cms.models.comment import (
    NEXT_STATUSES,
    Comment,
    CommentEdit,
    CommentStatus,
    ConsentText,
    Thread,
)
from cms.models.entry import (
    BodyFormat,
    Entry,
    EntryTag,
    Kind,
    Status,
)
from cms.models.faq import Faq
from cms.models.former import FormerSlug, MergedTerm
from cms.models.generation import Change, Generation
from cms.models.heartbeat import WorkerRun
from cms.models.limit import IdempotencyKey, RateLimit
from cms.models.mail import Mail, MailKind, MailLink
from cms.models.media import EntryMedia, Media
from cms.models.naming import EntrySlug, EntryWord
from cms.models.outbox import OutboxEvent
from cms.models.post import Post, PostAuthor, PostFaq, RelatedExclusion, RelatedPick
from cms.models.preview import PreviewLink
from cms.models.publication import (
    LinkKind,
    Publication,
    PublicationCount,
    PublicationLink,
    PublicationTerm,
)
from cms.models.redaction import Redaction, past_text_id
from cms.models.refiling import Refiling
from cms.models.related import SimilarDue, SimilarPost
from cms.models.review import Review
from cms.models.revision import Revision
from cms.models.screening import CommentRules, WordCount
from cms.models.search_miss import SearchMiss
from cms.models.seeded import Seeded
from cms.models.setting import ONLY, SiteSettings
from cms.models.taxonomy import Author, Category, Tag
from cms.models.user import ApiToken, CommentMail, Role, Scope, Session, User
from cms.models.webhook import Delivery, DeliveryAttempt, Webhook

__all__ = [
    "NEXT_STATUSES",
    "ONLY",
    "ApiToken",
    "AuditEvent",
    "Author",
    "Base",
    "BodyFormat",
    "BodyLink",
    "Category",
    "Change",
    "Comment",
    "CommentEdit",
    "CommentMail",
    "CommentRules",
    "CommentStatus",
    "ConsentText",
    "Delivery",
    "DeliveryAttempt",
    "Entry",
    "EntryMedia",
    "EntrySlug",
    "EntryTag",
    "EntryWord",
    "Faq",
    "FormerSlug",
    "Generation",
    "IdempotencyKey",
    "Kind",
    "LinkKind",
    "Mail",
    "MailKind",
    "MailLink",
    "Media",
    "MergedTerm",
    "OutboxEvent",
    "Post",
    "PostAuthor",
    "PostFaq",
    "PreviewLink",
    "Publication",
    "PublicationCount",
    "PublicationLink",
    "PublicationTerm",
    "RateLimit",
    "Redaction",
    "Refiling",
    "RelatedExclusion",
    "RelatedPick",
    "Review",
    "Revision",
    "Role",
    "Scope",
    "SearchMiss",
    "Seeded",
    "Session",
    "SimilarDue",
    "SimilarPost",
    "SiteSettings",
    "Status",
    "Tag",
    "Target",
    "Thread",
    "User",
    "Webhook",
    "WordCount",
    "WorkerRun",
    "past_text_id",
]
