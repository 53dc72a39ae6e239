"""Residents are told of hooks: whose data an entry is, how often it was told, and what is told."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0017"
branch_labels = None
depends_on = None

ADDED = (
    ("journal_pending", "resident_id", sa.Uuid()),
    ("deliveries", "resident_id", sa.Uuid()),
    ("deliveries", "told", sa.BigInteger()),
    ("accesses", "event", sa.Text()),
    ("accesses", "host", sa.Text()),
    ("accesses", "arrived_at", sa.DateTime(timezone=True)),
)
"""All of them null in rows that are there, and in those that the former release makes meanwhile: of what it sends
nobody is told.
"""
CHECK = "ck_accesses_hook"


def upgrade() -> None:
    for table, column, kind in ADDED:
        op.add_column(table, sa.Column(column, kind, nullable=True))
    op.execute(f"ALTER TABLE accesses ADD CONSTRAINT {CHECK} CHECK ((event IS NULL) = (host IS NULL)) NOT VALID")
    op.execute(f"ALTER TABLE accesses VALIDATE CONSTRAINT {CHECK}")


def downgrade() -> None:
    op.execute(f"ALTER TABLE accesses DROP CONSTRAINT {CHECK}")
    for table, column, _ in reversed(ADDED):
        op.drop_column(table, column)
