"""Settings of the site, an audit log that can only grow and is found by time, person and action."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0006"
down_revision = "0005"

AUDIT_INDEXES = [["at", "id"], ["actor_id", "at", "id"], ["action", "at", "id"]]
STANDING = ["kind", "trashed_at", "live_from", "live_until", "waiting_from", "waiting_until"]
STANDING += ["revision", "live_revision", "waiting_revision"]
SQLITE_TRIGGER = """
CREATE TRIGGER audit_log_only_grows BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
"""
POSTGRESQL_TRIGGER = """
CREATE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_log_only_grows BEFORE UPDATE ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_only_grows()
"""


def key(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def time() -> sa.types.TypeEngine[object]:
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


def upgrade() -> None:
    for columns in AUDIT_INDEXES:
        op.create_index(f"ix_audit_log_{'_'.join(columns)}", "audit_log", columns)
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(SQLITE_TRIGGER if sqlite else POSTGRESQL_TRIGGER)
    op.create_index("ix_entries_standing", "entries", STANDING)
    op.create_table(
        "site_settings",
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("logo_url", sa.String(length=2000), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("updated_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_settings")),
    )
