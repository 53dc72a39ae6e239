"""Traffic limits: one moment for each caller, tenant and address, in a table that a crash may forget."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "traffic",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_traffic")),
        info={
            "placement": "key",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_traffic_due", "traffic", ["due_at"], postgresql_where="due_at IS NOT NULL")


def downgrade() -> None:
    op.drop_table("traffic")
