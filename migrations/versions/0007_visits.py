"""Visits, their messages and records, fees, and marks of looks."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "looks",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("quarter", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_looks")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index("uq_looks_mark", "looks", ["tenant_id", "resident_id", "actor", "purpose", "quarter"], unique=True)
    create_walled_table(
        "person_visits",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_name", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("refunded", sa.Boolean(), nullable=False),
        sa.Column("institution_name", sa.Text(), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_visits")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "visit_fees",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("text_visit", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("text_visit > 0", name=op.f("ck_visit_fees_text_visit")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_visit_fees")),
        info={"placement": "tenant", "resident_view": "public", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "visits",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("complaint", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("evidence_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("institution_name", sa.Text(), nullable=True),
        sa.Column("institution_license", sa.Text(), nullable=True),
        sa.Column("take_seconds", sa.BigInteger(), nullable=False),
        sa.Column("window_seconds", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(legal_basis = 'family_contract') = (contract_id IS NOT NULL)", name=op.f("ck_visits_contract")
        ),
        sa.CheckConstraint(
            "(state IN ('awaiting_payment', 'paid', 'taken')) = (due_at IS NOT NULL)", name=op.f("ck_visits_due")
        ),
        sa.CheckConstraint(
            "legal_basis IN ('follow_up', 'family_contract', 'with_doctor_present')", name=op.f("ck_visits_legal_basis")
        ),
        sa.CheckConstraint(
            "state IN ('awaiting_payment', 'canceled') OR num_nonnulls(institution_name, institution_license) = 2",
            name=op.f("ck_visits_institution"),
        ),
        sa.CheckConstraint(
            "state IN ('awaiting_payment', 'paid', 'taken', 'declined', 'not_taken', 'canceled', 'completed', "
            "'stopped', 'abandoned')",
            name=op.f("ck_visits_state"),
        ),
        sa.CheckConstraint("refunded_at IS NULL OR refund_id IS NOT NULL", name=op.f("ck_visits_refund")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_visits")),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_visits_due", "visits", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL")
    op.create_index(op.f("ix_visits_tenant_id_doctor_id_id"), "visits", ["tenant_id", "doctor_id", "id"], unique=False)
    op.create_index(op.f("ix_visits_tenant_id_resident_id"), "visits", ["tenant_id", "resident_id"], unique=False)
    create_walled_table(
        "visit_messages",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("author IN ('resident', 'doctor')", name=op.f("ck_visit_messages_author")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "visit_id"],
            ["visits.tenant_id", "visits.id"],
            name=op.f("fk_visit_messages_tenant_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_visit_messages")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_visit_messages_tenant_id_resident_id"), "visit_messages", ["tenant_id", "resident_id"], unique=False
    )
    op.create_index(
        op.f("ix_visit_messages_tenant_id_visit_id_id"), "visit_messages", ["tenant_id", "visit_id", "id"], unique=False
    )
    create_walled_table(
        "visit_records",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["visits.tenant_id", "visits.id"], name=op.f("fk_visit_records_tenant_id_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_visit_records")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_visit_records_tenant_id_resident_id"), "visit_records", ["tenant_id", "resident_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_visit_records_tenant_id_resident_id"), table_name="visit_records")
    op.drop_table("visit_records")
    op.drop_index(op.f("ix_visit_messages_tenant_id_visit_id_id"), table_name="visit_messages")
    op.drop_index(op.f("ix_visit_messages_tenant_id_resident_id"), table_name="visit_messages")
    op.drop_table("visit_messages")
    op.drop_index(op.f("ix_visits_tenant_id_resident_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_tenant_id_doctor_id_id"), table_name="visits")
    op.drop_index("ix_visits_due", table_name="visits", postgresql_where="due_at IS NOT NULL")
    op.drop_table("visits")
    op.drop_table("visit_fees")
    op.drop_table("person_visits")
    op.drop_index("uq_looks_mark", table_name="looks")
    op.drop_table("looks")
