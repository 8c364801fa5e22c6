"""The first schema: entries, publications, taxonomy, comments, people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0001"
down_revision = None


def key(length: int) -> sa.types.TypeEngine[str]:
    """Text that is compared byte by byte."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def time() -> sa.types.TypeEngine[object]:
    """UTC in milliseconds: text of a fixed width on SQLite."""
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("at", time(), nullable=False),
        sa.Column("actor_id", key(36), nullable=True),
        sa.Column("via", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object_id", key(36), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_object_id_id", "audit_log", ["object_id", "id"])
    op.create_table(
        "authors",
        sa.Column("slug", key(200), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("credentials", sa.String(length=120), nullable=True),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("updated_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("slug", name=op.f("uq_authors_slug")),
    )
    op.create_table(
        "categories",
        sa.Column("slug", key(200), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("parent_id", key(36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("updated_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id_categories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    op.create_index(op.f("ix_categories_parent_id"), "categories", ["parent_id"])
    op.create_table(
        "changes",
        sa.Column("generation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", key(64), nullable=False),
        sa.PrimaryKeyConstraint("generation", "key", name=op.f("pk_changes")),
    )
    op.create_table(
        "generation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("key", key(64), nullable=False),
        sa.Column("request", key(64), nullable=False),
        sa.Column("comment_id", key(36), nullable=True),
        sa.Column("created_at", time(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.create_table(
        "outbox",
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_table(
        "publication_counts",
        sa.Column(
            "kind",
            sa.Enum("post", "faq", name="kind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("locale", key(16), nullable=False),
        sa.Column("term", key(64), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "locale", "term", name=op.f("pk_publication_counts")),
    )
    op.create_table(
        "rate_limits",
        sa.Column("bucket", key(64), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("resets_at", time(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_rate_limits")),
    )
    op.create_index("ix_rate_limits_resets_at", "rate_limits", ["resets_at"])
    op.create_table(
        "seeded",
        sa.Column("set_name", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", key(200), nullable=False),
        sa.Column("object_id", key(36), nullable=True),
        sa.PrimaryKeyConstraint("set_name", "kind", "key", name=op.f("pk_seeded")),
    )
    op.create_table(
        "tags",
        sa.Column("slug", key(200), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("updated_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("slug", name=op.f("uq_tags_slug")),
    )
    op.create_table(
        "users",
        sa.Column("email", key(254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "viewer",
                "moderator",
                "author",
                "editor",
                "admin",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("updated_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_folded")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("user_id", key(36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("digest", key(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("expires_at", time(), nullable=True),
        sa.Column("id", key(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"])
    op.create_table(
        "entries",
        sa.Column(
            "kind",
            sa.Enum("post", "faq", name="kind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("locale", key(16), nullable=False),
        sa.Column("slug", key(200), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("title_key", key(600), nullable=False),
        sa.Column("created_by", key(36), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("live_revision", sa.Integer(), nullable=True),
        sa.Column("live_from", time(), nullable=True),
        sa.Column("live_until", time(), nullable=True),
        sa.Column("published_at", time(), nullable=True),
        sa.Column(
            "body_format",
            sa.Enum("markdown", "html", name="bodyformat", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("pipeline_version", sa.Integer(), nullable=False),
        sa.Column("toc", sa.JSON(), nullable=False),
        sa.Column("body_source", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("updated_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["users.id"],
            name=op.f("fk_entries_created_by_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    op.create_index("ix_entries_kind_title_key_id", "entries", ["kind", "title_key", "id"])
    op.create_index("ix_entries_kind_updated_at_id", "entries", ["kind", "updated_at", "id"])
    op.create_index("ix_entries_pipeline_version", "entries", ["pipeline_version"])
    op.create_table(
        "sessions",
        sa.Column("user_id", key(36), nullable=False),
        sa.Column("digest", key(64), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("expires_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"])
    op.create_table(
        "entry_tags",
        sa.Column("entry_id", key(36), nullable=False),
        sa.Column("tag_id", key(36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
            name=op.f("fk_entry_tags_entry_id_entries"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_entry_tags_tag_id_tags")),
        sa.PrimaryKeyConstraint("entry_id", "tag_id", name=op.f("pk_entry_tags")),
    )
    op.create_index("ix_entry_tags_tag_id", "entry_tags", ["tag_id"])
    op.create_table(
        "faqs",
        sa.Column("id", key(36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["entries.id"], name=op.f("fk_faqs_id_entries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faqs")),
    )
    op.create_table(
        "posts",
        sa.Column("id", key(36), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("category_id", key(36), nullable=True),
        sa.Column("seo", sa.JSON(), nullable=False),
        sa.Column("comments_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_posts_category_id_categories")
        ),
        sa.ForeignKeyConstraint(
            ["id"], ["entries.id"], name=op.f("fk_posts_id_entries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    op.create_index(op.f("ix_posts_category_id"), "posts", ["category_id"])
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("post", "faq", name="kind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("entry_id", key(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("locale", key(16), nullable=False),
        sa.Column("slug", key(200), nullable=False),
        sa.Column("title_key", key(600), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("published_at", time(), nullable=False),
        sa.Column("visible_from", time(), nullable=False),
        sa.Column("visible_until", time(), nullable=False),
        sa.Column("past", sa.Boolean(), nullable=False),
        sa.Column("pipeline_version", sa.Integer(), nullable=False),
        sa.Column("correction_note", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_markdown", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "visible_until > visible_from", name=op.f("ck_publications_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
            name=op.f("fk_publications_entry_id_entries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint(
            "visible_from", "entry_id", name=op.f("uq_publications_visible_from_entry_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_publications_entry_id_past_visible_from",
        "publications",
        ["entry_id", "past", "visible_from"],
    )
    op.create_index(
        "ix_publications_former_slugs",
        "publications",
        ["kind", "locale", "slug"],
        sqlite_where=sa.text("past"),
        postgresql_where=sa.text("past"),
    )
    op.create_index(
        "ix_publications_kind_locale_position_entry_id",
        "publications",
        ["kind", "locale", "position", "entry_id"],
        sqlite_where=sa.text("NOT past"),
        postgresql_where=sa.text("NOT past"),
    )
    op.create_index(
        "ix_publications_kind_locale_published_at_entry_id",
        "publications",
        ["kind", "locale", "published_at", "entry_id"],
        sqlite_where=sa.text("NOT past"),
        postgresql_where=sa.text("NOT past"),
    )
    op.create_index(
        "ix_publications_kind_locale_slug_visible_from",
        "publications",
        ["kind", "locale", "slug", "visible_from"],
        sqlite_where=sa.text("NOT past"),
        postgresql_where=sa.text("NOT past"),
    )
    op.create_index(
        "ix_publications_kind_locale_title_key_entry_id",
        "publications",
        ["kind", "locale", "title_key", "entry_id"],
        sqlite_where=sa.text("NOT past"),
        postgresql_where=sa.text("NOT past"),
    )
    op.create_index(
        "ix_publications_kind_locale_visible_from_entry_id",
        "publications",
        ["kind", "locale", "visible_from", "entry_id"],
        sqlite_where=sa.text("NOT past"),
        postgresql_where=sa.text("NOT past"),
    )
    op.create_index(
        "ix_publications_pipeline_version",
        "publications",
        ["pipeline_version"],
        sqlite_where=sa.text("NOT past"),
        postgresql_where=sa.text("NOT past"),
    )
    op.create_index(
        "ix_publications_visible_from",
        "publications",
        ["visible_from"],
        sqlite_where=sa.text("NOT past"),
        postgresql_where=sa.text("NOT past"),
    )
    op.create_index(
        "ix_publications_visible_until",
        "publications",
        ["visible_until"],
        sqlite_where=sa.text("NOT past"),
        postgresql_where=sa.text("NOT past"),
    )
    op.create_table(
        "revisions",
        sa.Column("entry_id", key(36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("created_by", key(36), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
            name=op.f("fk_revisions_entry_id_entries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entry_id", "number", name=op.f("pk_revisions")),
    )
    op.create_table(
        "slugs",
        sa.Column(
            "kind",
            sa.Enum("post", "faq", name="kind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("locale", key(16), nullable=False),
        sa.Column("slug", key(200), nullable=False),
        sa.Column("entry_id", key(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_slugs_entry_id_entries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "locale", "slug", name=op.f("pk_slugs")),
    )
    op.create_index(op.f("ix_slugs_entry_id"), "slugs", ["entry_id"])
    op.create_table(
        "comments",
        sa.Column("post_id", key(36), nullable=False),
        sa.Column("parent_id", key(36), nullable=True),
        sa.Column("root_id", key(36), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "approved",
                "spam",
                "rejected",
                "trashed",
                name="commentstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("reply_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", key(254), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("network", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fingerprint", key(64), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("edited_at", time(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("updated_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.CheckConstraint(
            "NOT shown OR status = 'approved'", name=op.f("ck_comments_shown_is_approved")
        ),
        sa.CheckConstraint("reply_count >= 0", name=op.f("ck_comments_reply_count_not_negative")),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["comments.id"],
            name=op.f("fk_comments_parent_id_comments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_comments_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("post_id", "fingerprint", name=op.f("uq_comments_post_id_fingerprint")),
    )
    op.create_index("ix_comments_answers", "comments", ["parent_id", "shown", "created_at", "id"])
    op.create_index("ix_comments_arrival", "comments", ["created_at", "id"])
    op.create_index("ix_comments_below", "comments", ["root_id", "shown", "created_at", "id"])
    op.create_index("ix_comments_queue", "comments", ["status", "created_at", "id"])
    op.create_index(
        "ix_comments_thread", "comments", ["post_id", "shown", "root_id", "created_at", "id"]
    )
    op.create_index("ix_comments_writer", "comments", ["email", "created_at", "id"])
    op.create_table(
        "post_authors",
        sa.Column("post_id", key(36), nullable=False),
        sa.Column("author_id", key(36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name=op.f("fk_post_authors_author_id_authors")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_post_authors_post_id_posts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("post_id", "author_id", name=op.f("pk_post_authors")),
    )
    op.create_index("ix_post_authors_author_id", "post_authors", ["author_id"])
    op.create_table(
        "post_faqs",
        sa.Column("post_id", key(36), nullable=False),
        sa.Column("faq_id", key(36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["faq_id"], ["faqs.id"], name=op.f("fk_post_faqs_faq_id_faqs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_faqs_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "faq_id", name=op.f("pk_post_faqs")),
    )
    op.create_index("ix_post_faqs_faq_id", "post_faqs", ["faq_id"])
    op.create_table(
        "publication_links",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "category",
                "tag",
                "author",
                "faq",
                "related",
                "excluded",
                name="linkkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("target_id", key(36), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            name=op.f("fk_publication_links_publication_id_publications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "publication_id", "kind", "position", name=op.f("pk_publication_links")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "publication_terms",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("term", key(64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("post", "faq", name="kind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("locale", key(16), nullable=False),
        sa.Column("published_at", time(), nullable=False),
        sa.Column("entry_id", key(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            name=op.f("fk_publication_terms_publication_id_publications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("publication_id", "term", name=op.f("pk_publication_terms")),
    )
    op.create_index(
        "ix_publication_terms_listing",
        "publication_terms",
        ["term", "kind", "locale", "published_at", "entry_id"],
    )
    op.create_table(
        "related_exclusions",
        sa.Column("post_id", key(36), nullable=False),
        sa.Column("excluded_id", key(36), nullable=False),
        sa.CheckConstraint("post_id != excluded_id", name=op.f("ck_related_exclusions_not_itself")),
        sa.ForeignKeyConstraint(
            ["excluded_id"],
            ["posts.id"],
            name=op.f("fk_related_exclusions_excluded_id_posts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_related_exclusions_post_id_posts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("post_id", "excluded_id", name=op.f("pk_related_exclusions")),
    )
    op.create_index("ix_related_exclusions_excluded_id", "related_exclusions", ["excluded_id"])
    op.create_table(
        "related_picks",
        sa.Column("post_id", key(36), nullable=False),
        sa.Column("related_id", key(36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.CheckConstraint("post_id != related_id", name=op.f("ck_related_picks_not_itself")),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_related_picks_post_id_posts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["related_id"],
            ["posts.id"],
            name=op.f("fk_related_picks_related_id_posts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("post_id", "related_id", name=op.f("pk_related_picks")),
    )
    op.create_index("ix_related_picks_related_id", "related_picks", ["related_id"])
    op.create_table(
        "threads",
        sa.Column("post_id", key(36), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.CheckConstraint("approved >= 0", name=op.f("ck_threads_approved_not_negative")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_threads_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_threads")),
    )
    op.execute("INSERT INTO generation (id, value) VALUES (1, 0)")
