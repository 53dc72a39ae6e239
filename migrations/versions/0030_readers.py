"""Whose data an event is, for those who read the feed; who asked for an export in another's place; who may take an
account over that guardians opened.
"""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0030"
down_revision = "0025"
branch_labels = None
depends_on = None

FORGOTTEN = {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"}


def upgrade() -> None:
    op.add_column("journal", sa.Column("resident_id", sa.Uuid(), nullable=True))
    op.add_column("data_exports", sa.Column("asker_id", sa.Uuid(), nullable=True))
    create_walled_table(
        "claim_permits",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claimant_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_claim_permits")),
        info={"placement": "person", "resident_view": "none", "grants": FORGOTTEN},
    )
    op.create_index("ix_claim_permits_due", "claim_permits", ["due_at"])


def downgrade() -> None:
    op.drop_table("claim_permits")
    op.drop_column("data_exports", "asker_id")
    op.drop_column("journal", "resident_id")
