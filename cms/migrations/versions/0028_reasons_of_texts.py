"""Of which two texts the reasons of similar posts are; the worker looks for all of them anew, since
older ones may tell of texts that were still to come.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

# What is in the queue already stays as it is.
ALL_DUE = """
INSERT INTO similar_due (post_id, spreads)
SELECT id, :spreads FROM entries WHERE kind = 'post' AND live_from IS NOT NULL
AND id NOT IN (SELECT post_id FROM similar_due)
"""


def upgrade() -> None:
    for name in ("publication_id", "similar_publication_id"):
        op.add_column("similar_posts", sa.Column(name, sa.Integer(), nullable=True))
    op.execute(sa.text(ALL_DUE).bindparams(spreads=False))
