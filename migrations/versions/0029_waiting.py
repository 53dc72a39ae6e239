"""Counts by doctor and medicine are made by the worker; tries at emergency accesses count; apps wait for reviews."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0029"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _drug_counts()
    op.create_index(
        "ix_prescriptions_signed", "prescriptions", ["tenant_id", "signed_at", "id"],
        postgresql_where="signed_at IS NOT NULL",
    )  # fmt: skip
    _emergency_tries()
    op.add_column("oauth_apps", sa.Column("registered_by", sa.Text(), nullable=True))
    op.add_column("oauth_apps", sa.Column("review_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ("review_since", "registered_by"):
        op.drop_column("oauth_apps", column)
    op.drop_table("emergency_tries")
    op.drop_index("ix_prescriptions_signed", "prescriptions")
    for name in ("state", "content", "last"):
        op.drop_constraint(op.f(f"ck_drug_counts_{name}"), "drug_counts")
    op.execute("DELETE FROM drug_counts WHERE content IS NULL")
    op.alter_column("drug_counts", "content", nullable=False)
    for name in ("state", "confirmed_at", "last_signed_at", "last_id"):
        op.drop_column("drug_counts", name)


def _drug_counts() -> None:
    """Those that are there were made at once: they are ready."""
    op.add_column("drug_counts", sa.Column("state", sa.Text(), nullable=False, server_default="ready"))
    confirmed = sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
    op.add_column("drug_counts", confirmed)
    for name in ("state", "confirmed_at"):
        op.alter_column("drug_counts", name, server_default=None)
    op.add_column("drug_counts", sa.Column("last_signed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("drug_counts", sa.Column("last_id", sa.Uuid(), nullable=True))
    op.alter_column("drug_counts", "content", nullable=True)
    op.create_check_constraint(
        op.f("ck_drug_counts_state"), "drug_counts", "state IN ('confirmed', 'counting', 'ready', 'too_many')"
    )
    op.create_check_constraint(op.f("ck_drug_counts_content"), "drug_counts", "state <> 'ready' OR content IS NOT NULL")
    op.create_check_constraint(
        op.f("ck_drug_counts_last"), "drug_counts", "num_nonnulls(last_signed_at, last_id) IN (0, 2)"
    )


def _emergency_tries() -> None:
    create_walled_table(
        "emergency_tries",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_emergency_tries")),
        info={
            "placement": "tenant",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(op.f("ix_emergency_tries_tenant_id_staff_id"), "emergency_tries", ["tenant_id", "staff_id"])
    op.create_index("ix_emergency_tries_due", "emergency_tries", ["due_at"])
