"""The editors' side. Every route here is behind one guard and never cached."""

from cms.api.identity import require_sign_in
from cms.api.resources import Resources

blp = Resources("manage", __name__, description="Signed in: the working copy and the back office")
blp.before_request(require_sign_in)

from cms.api.manage import (  # noqa: E402, F401
    comment_archive,
    comment_rules,
    comments,
    faqs,
    history,
    media,
    moderation,
    office,
    posts,
    previews,
    privacy,
    publication,
    reviews,
    revisions,
    searches,
    taxonomy,
    trash,
    users,
    webhooks,
)
