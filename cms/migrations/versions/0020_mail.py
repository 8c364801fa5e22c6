"""Mail that waits to be sent, the links in it, and who wants which."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0020"
down_revision = "0019"

WAITING = sa.text("due_at IS NOT NULL")


def key(length: int = 36) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    on_postgresql = TIMESTAMP(timezone=True, precision=3)
    return sa.Column(
        name, sa.String(24).with_variant(on_postgresql, "postgresql"), nullable=nullable
    )


def upgrade() -> None:
    op.add_column("users", sa.Column("comment_mail", sa.String(32), nullable=True))
    op.add_column("users", sa.Column("review_mail", sa.Boolean(), nullable=True))
    make_mails()
    make_links()


def make_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", key(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("user_id", key(), nullable=True),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("gathers", key(64), nullable=True),
        moment("created_at"),
        moment("due_at", nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        moment("sent_at", nullable=True),
        sa.Column("failure", sa.String(80), nullable=True),
        sa.Column("lease", key(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("gathers", name="uq_mails_gathers"),
    )
    op.create_index(
        "ix_mails_due_at", "mails", ["due_at"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index("ix_mails_created_at", "mails", ["created_at"])
    op.create_index("ix_mails_user_id_kind_sent_at", "mails", ["user_id", "kind", "sent_at"])


def make_links() -> None:
    op.create_table(
        "mail_links",
        sa.Column("id", key(), nullable=False),
        sa.Column("mail_id", key(), nullable=False),
        sa.Column("user_id", key(), nullable=False),
        sa.Column("comment_id", key(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("digest", key(64), nullable=False),
        moment("expires_at"),
        moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mail_links"),
        sa.UniqueConstraint("digest", name="uq_mail_links_digest"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_mail_links_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name="fk_mail_links_comment_id_comments",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_mail_links_user_id", "mail_links", ["user_id"])
    op.create_index("ix_mail_links_comment_id", "mail_links", ["comment_id"])
    op.create_index("ix_mail_links_expires_at", "mail_links", ["expires_at"])
