"""What uses a term, a FAQ or a post, for editors who want to know before they change it."""

from typing import Any

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.orm import load_only
from sqlalchemy.sql.expression import CompoundSelect

from cms.extensions import db
from cms.models import (
    Author,
    Category,
    Entry,
    EntryTag,
    Faq,
    Post,
    PostAuthor,
    PostFaq,
    PublicationTerm,
    RelatedExclusion,
    RelatedPick,
    Review,
    Tag,
)
from cms.models.entry import STANDING
from cms.services.former import KINDS

Term = Tag | Category | Author

# How many users a refusal names, and how many posts an answer does.
MOST_USERS, MOST_POSTS = 10, 100
# The entries that are filed under a term of each kind, or were reviewed by an author.
FILED: dict[type[Any], list[tuple[Any, Any]]] = {
    Tag: [(EntryTag.tag_id, EntryTag.entry_id)],
    Category: [(Post.category_id, Post.id)],
    Author: [(PostAuthor.author_id, PostAuthor.post_id), (Review.reviewed_by, Review.entry_id)],
}


def counts(term: Term) -> dict[str, int]:
    """How many working copies, live and waiting rows, and categories use a term.

    A row uses every category that its own is in.
    """
    found = {"working_copies": _filed_under(term), "publications": _shown_under(term)}
    if isinstance(term, Category):
        found["categories"] = select(Category.id).where(Category.parent_id == term.id)
    return {name: _number_of(rows) for name, rows in found.items()}


def users(term: Term) -> list[dict[str, str]]:
    """Some of what keeps a term from being removed, as `kind`, `id`, `slug` and `title`."""
    found: list[dict[str, str]] = []
    if isinstance(term, Category):
        below = select(Category).where(Category.parent_id == term.id).order_by(Category.slug)
        for one in db.session.scalars(below.limit(MOST_USERS)):
            found.append({"kind": "category", "id": one.id, "slug": one.slug, "title": one.name})
    entry = Entry.__table__.c
    using = or_(entry.id.in_(_filed_under(term)), entry.id.in_(_shown_under(term)))
    columns = (entry.kind, entry.id, entry.slug, entry.title)
    rows = select(*columns).where(using).order_by(entry.title_key, entry.id).limit(MOST_USERS)
    return [*found, *(dict(row._mapping) for row in db.session.execute(rows))][:MOST_USERS]


def posts_showing(faq: Faq) -> list[Post]:
    """The posts whose working copy, or whose live or waiting row, names a FAQ; by title."""
    drafts = select(PostFaq.post_id).where(PostFaq.faq_id == faq.id)
    rows = select(PublicationTerm.entry_id).where(PublicationTerm.term == f"faq:{faq.id}")
    return _posts(drafts.union(rows))


def posts_picking(post: Post) -> list[Post]:
    """The posts whose working copies pick a post as their neighbour; by title."""
    return _posts(select(RelatedPick.post_id).where(RelatedPick.related_id == post.id))


def posts_excluding(post: Post) -> list[Post]:
    """The posts whose working copies want it nowhere beside them; by title."""
    return _posts(select(RelatedExclusion.post_id).where(RelatedExclusion.excluded_id == post.id))


def ids_naming(entry: Entry) -> CompoundSelect[Any]:
    """The ids of all posts whose working copies show this FAQ, or pick this post."""
    picked = select(RelatedPick.post_id).where(RelatedPick.related_id == entry.id)
    return picked.union(select(PostFaq.post_id).where(PostFaq.faq_id == entry.id))


def _posts(ids: Any) -> list[Post]:
    shown = load_only(Post.slug, Post.title, Post.trashed_at, *(getattr(Post, n) for n in STANDING))
    rows = select(Post).where(Post.id.in_(ids)).order_by(Post.title_key, Post.id)
    return list(db.session.scalars(rows.options(shown).limit(MOST_POSTS)))


def _filed_under(term: Term) -> CompoundSelect[Any]:
    return union(*(select(entry).where(use == term.id) for use, entry in FILED[type(term)]))


def _shown_under(term: Term) -> Select[Any]:
    name = f"{KINDS[type(term)]}:{term.id}"
    return select(PublicationTerm.entry_id).where(PublicationTerm.term == name)


def _number_of(rows: Select[Any] | CompoundSelect[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
