"""Whose data an event is, for those who read the feed."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journal", sa.Column("resident_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("journal", "resident_id")
