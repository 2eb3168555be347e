"""The second form: whole versions with places, verdicts that restore, a bin, deeds, and when a log was last added."""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"


def upgrade() -> None:
    """Adds columns and one table; rows of the first form stay as they are."""
    op.add_column("projects", sa.Column("binned", sa.String(40)))
    op.add_column("logs", sa.Column("used", sa.String(40)))
    op.add_column("entries", sa.Column("length", sa.Integer, nullable=False, server_default="0"))
    op.add_column("versions", sa.Column("places", sa.JSON(none_as_null=True)))
    op.create_table(
        "deeds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project_id", sa.String(32), sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
