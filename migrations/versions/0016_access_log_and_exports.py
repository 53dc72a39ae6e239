"""The resident's own access log, and exports of everything about a person."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _accesses()
    _exports()


def downgrade() -> None:
    for table in ("data_exports", "accesses"):
        op.drop_table(table)


def _accesses() -> None:
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


def _exports() -> None:
    create_walled_table(
        "data_exports",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'ready', 'failed')", name=op.f("ck_data_exports_state")),
        sa.CheckConstraint("(state = 'ready') = (address IS NOT NULL)", name=op.f("ck_data_exports_address")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_data_exports")),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(op.f("ix_data_exports_tenant_id_resident_id"), "data_exports", ["tenant_id", "resident_id"])
    op.create_index(
        "uq_data_exports_waiting", "data_exports", ["tenant_id", "resident_id"], unique=True,
        postgresql_where="state = 'waiting'",
    )  # fmt: skip
    op.create_index("ix_data_exports_due", "data_exports", ["due_at"], postgresql_where="due_at IS NOT NULL")
