"""`cms comment`: what moderating from a shell needs."""

import click
from sqlalchemy import select

from cms.cli.opening import in_app
from cms.errors import NotFound
from cms.extensions import db
from cms.models import Comment, CommentStatus


@click.group()
def comment() -> None:
    """Look at comments."""


@comment.command()
@in_app
def newest() -> None:
    """Print the id of the newest comment that waits for a moderator."""
    click.echo(newest_pending())


def newest_pending() -> str:
    """The comment that came in last. Raises NotFound when none waits."""
    # Ids are ordered by the time they were made; `created_at` of moved comments is older.
    query = select(Comment.id).where(Comment.status == CommentStatus.PENDING)
    found = db.session.scalar(query.order_by(Comment.id.desc()).limit(1))
    if found is None:
        raise NotFound("No comment waits for a moderator.", reason="not_found")
    return found
