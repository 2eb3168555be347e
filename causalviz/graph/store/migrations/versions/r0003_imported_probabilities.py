"""The third form: verdicts that were taken from a file keep the probability that it gave."""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"


def upgrade() -> None:
    """Adds a column; older rows have none."""
    op.add_column("entries", sa.Column("probability", sa.Float))
