"""Whose data an event is, for those who read the feed; who asked for an export in another's place."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journal", sa.Column("resident_id", sa.Uuid(), nullable=True))
    op.add_column("data_exports", sa.Column("asker_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("data_exports", "asker_id")
    op.drop_column("journal", "resident_id")
