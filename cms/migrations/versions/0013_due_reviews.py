"""For which day it was announced that a post is due for another review."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("posts", sa.Column("review_announced_on", sa.Date(), nullable=True))
