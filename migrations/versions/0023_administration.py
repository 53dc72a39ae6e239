"""Administration: what two people do together, suspended members, marks of refusals, counts by doctor
and medicine; entries name roles.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MARKS = {"refusal_marks": "tenant_id", "person_refusal_marks": "person_id"}
PENDING = ("journal_pending", "person_journal_pending")


def upgrade() -> None:
    _proposals()
    _drug_counts()
    for table, owner in MARKS.items():
        _marks(table, owner)
    for table in PENDING:
        op.add_column(table, sa.Column("roles", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("oauth_clients", sa.Column("registered_by", sa.Text(), nullable=True))
    op.add_column("oauth_clients", sa.Column("review_since", sa.DateTime(timezone=True), nullable=True))
    _staff_states("'invited', 'active', 'suspended', 'ended'")


def downgrade() -> None:
    op.execute("UPDATE staff SET state = 'ended' WHERE state = 'suspended'")
    _staff_states("'invited', 'active', 'ended'")
    for column in ("review_since", "registered_by"):
        op.drop_column("oauth_clients", column)
    for table in PENDING:
        op.drop_column(table, "roles")
    for table in ("proposals", "drug_counts", *MARKS):
        op.drop_table(table)


def _staff_states(states: str) -> None:
    op.drop_constraint(op.f("ck_staff_state"), "staff")
    op.create_check_constraint(op.f("ck_staff_state"), "staff", f"state IN ({states})")


def _proposals() -> None:
    create_walled_table(
        "proposals",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'withdrawn', 'expired')", name=op.f("ck_proposals_state")
        ),
        sa.CheckConstraint("(state = 'proposed') = (due_at IS NOT NULL)", name=op.f("ck_proposals_due")),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_proposals_decided")),
        sa.CheckConstraint(
            "(state IN ('confirmed', 'withdrawn')) = (decided_by IS NOT NULL)", name=op.f("ck_proposals_decided_by")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_proposals")),
        info={
            "placement": "tenant",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(op.f("ix_proposals_tenant_id_state_id"), "proposals", ["tenant_id", "state", "id"])
    op.create_index("ix_proposals_due", "proposals", ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.create_index(
        "uq_proposals_proposed", "proposals", ["tenant_id", "act", "subject"], unique=True,
        postgresql_where="state = 'proposed'",
    )  # fmt: skip


def _marks(table: str, owner: str) -> None:
    create_walled_table(
        table,
        sa.Column(owner, sa.BigInteger() if owner == "tenant_id" else sa.Uuid(), autoincrement=False, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("quarter", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(owner, "actor", "door", "quarter", name=op.f(f"pk_{table}")),
        info={
            "placement": owner.removesuffix("_id"),
            "resident_view": "machinery",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(f"ix_{table}_due", table, ["due_at"])


def _drug_counts() -> None:
    create_walled_table(
        "drug_counts",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("read_in", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_drug_counts")),
        info={
            "placement": "tenant",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_drug_counts_due", "drug_counts", ["due_at"])
