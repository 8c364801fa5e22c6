"""Comments that their writers edit and withdraw; places in a thread for what was removed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0009"
down_revision = "0008"

ANSWERS = "SELECT count(*) FROM comments AS answer WHERE answer.parent_id = comments.id"
APPROVED = "SELECT count(*) FROM comments WHERE post_id = threads.post_id AND status = 'approved'"


def key(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def time() -> sa.types.TypeEngine[object]:
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


def upgrade() -> None:
    _consent()
    with op.batch_alter_table("comments") as batch:
        batch.drop_constraint(op.f("ck_comments_shown_is_approved"), type_="check")
        for column in (
            sa.Column("withdrawn_at", time(), nullable=True),
            sa.Column("known_by", key(36), nullable=True),
            sa.Column("consent_id", key(36), nullable=True),
        ):
            batch.add_column(column)
        batch.create_foreign_key(
            op.f("fk_comments_consent_id_consent_texts"), "consent_texts", ["consent_id"], ["id"]
        )
    _show_what_is_approved()
    with op.batch_alter_table("comments") as batch:
        batch.create_check_constraint(
            op.f("ck_comments_shown_is_approved_or_answered"),
            "NOT shown OR status = 'approved' OR reply_count > 0",
        )
        batch.create_check_constraint(
            op.f("ck_comments_withdrawn_is_trashed"), "withdrawn_at IS NULL OR status = 'trashed'"
        )
    _edits()


def _consent() -> None:
    op.create_table(
        "consent_texts",
        sa.Column("locale", key(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_texts")),
    )
    op.create_index("ix_consent_texts_locale", "consent_texts", ["locale", "created_at", "id"])
    op.add_column("site_settings", sa.Column("comment_consent", sa.JSON(), nullable=True))
    op.add_column("site_settings", sa.Column("comment_levels", sa.Integer(), nullable=True))


def _show_what_is_approved() -> None:
    """An approved reply does not go with what it answers any more; from the deepest up."""
    deepest = op.get_bind().scalar(sa.text("SELECT coalesce(max(depth), 0) FROM comments"))
    for depth in range(deepest, -1, -1):
        for change in (
            f"reply_count = ({ANSWERS} AND answer.shown)",
            "shown = (status = 'approved' OR reply_count > 0)",
        ):
            change = f"UPDATE comments SET {change} WHERE depth = :depth"  # noqa: S608
            op.get_bind().execute(sa.text(change), {"depth": depth})
    op.execute(f"UPDATE threads SET approved = ({APPROVED})")  # noqa: S608


def _edits() -> None:
    op.create_table(
        "comment_edits",
        sa.Column("comment_id", key(36), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fingerprint", key(64), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name=op.f("fk_comment_edits_comment_id_comments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_comment_edits")),
    )
    op.create_index("ix_comment_edits_created_at", "comment_edits", ["created_at", "comment_id"])
