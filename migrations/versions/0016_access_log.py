"""The resident's own access log."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "accesses",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=True),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("institution_name", sa.Text(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("who IN ('staff', 'client', 'platform')", name=op.f("ck_accesses_who")),
        sa.CheckConstraint("institution_id IS NULL OR tenant IS NOT NULL", name=op.f("ck_accesses_institution")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_accesses")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(op.f("ix_accesses_person_id_at_id"), "accesses", ["person_id", "at", "id"])
    op.create_index("ix_accesses_due", "accesses", ["due_at"], postgresql_where="due_at IS NOT NULL")


def downgrade() -> None:
    op.drop_table("accesses")
