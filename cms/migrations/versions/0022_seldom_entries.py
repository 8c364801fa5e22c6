"""What few entries are found by: a seldom status, changes, an editor, words of title and slug."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

STANDING = ["kind", "trashed_at", "live_from", "live_until", "waiting_from", "waiting_until"]
STANDING += ["revision", "live_revision", "waiting_revision", "id"]


# A word for each character of the scripts that part no words.
UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
BATCH = 1000
KIND = sa.Enum("post", "faq", name="kind", native_enum=False, length=32)


def key(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    _index_what_is_seldom()
    op.drop_index("ix_entries_kind_slug_title_key_id", "entries")
    words = op.create_table(
        "entry_words",
        sa.Column("entry_id", key(36), nullable=False),
        sa.Column("word", key(64), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "word", name=op.f("pk_entry_words")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
            name=op.f("fk_entry_words_entry_id_entries"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_entry_words_kind_word_entry_id", "entry_words", ["kind", "word", "entry_id"]
    )
    _fill(words)


def _fill(words: sa.Table) -> None:
    found = op.get_bind().execute(sa.text("SELECT id, kind, title_key, slug FROM entries"))
    for part in found.partitions(BATCH):
        rows = [
            {"entry_id": row.id, "kind": row.kind, "word": word}
            for row in part
            for word in {one[:64] for one in WORD.findall(f"{row.title_key} {row.slug}")}
        ]
        if rows:
            op.bulk_insert(words, rows)


def _index_what_is_seldom() -> None:
    op.drop_index("ix_entries_standing", "entries")
    op.create_index("ix_entries_standing", "entries", STANDING)
    for column in ("live_until", "created_by"):
        op.create_index(f"ix_entries_{column}", "entries", ["kind", column, "id"])
    _partial("changed", ["live_revision", "revision"], "live_revision != revision")
    for column in ("waiting_from", "live_ends_at", "trashed_at"):
        op.drop_index(f"ix_entries_{column}", "entries")
        _partial(column, [column], f"{column} IS NOT NULL")


def _partial(name: str, columns: list[str], condition: str) -> None:
    only = {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
    op.create_index(f"ix_entries_{name}", "entries", ["kind", *columns, "id"], **only)
