"""Consents to reading, emergency accesses, and inspections of visits by medical affairs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FORGOTTEN = {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"}
OF_PERSON: dict[str, Any] = {"placement": "person", "resident_view": "none", "grants": FORGOTTEN}
OF_TENANT: dict[str, Any] = {**OF_PERSON, "placement": "tenant"}


def upgrade() -> None:
    _consents()
    _emergencies()
    _inspections()


def downgrade() -> None:
    for table in ("visit_inspections", "emergency_accesses", "consents"):
        op.drop_table(table)


def _consents() -> None:
    create_walled_table(
        "consents",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("institution_name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("text_version", sa.BigInteger(), nullable=False),
        sa.Column("text_sha256", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('granted', 'revoked', 'replaced')", name=op.f("ck_consents_state")),
        sa.CheckConstraint(
            "purpose IN ('treatment', 'family_doctor', 'research', 'hospital_group', 'insurance_claim')",
            name=op.f("ck_consents_purpose"),
        ),
        sa.CheckConstraint(
            "category IN ('visits', 'diagnoses', 'prescriptions', 'allergies')", name=op.f("ck_consents_category")
        ),
        sa.CheckConstraint("(state = 'granted') = (ended_at IS NULL)", name=op.f("ck_consents_ended")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_consents")),
        info=OF_PERSON,
    )
    op.create_index(
        "uq_consents_granted", "consents", ["person_id", "tenant", "purpose", "category"], unique=True,
        postgresql_where="state = 'granted'",
    )  # fmt: skip
    op.create_index("ix_consents_due", "consents", ["due_at"], postgresql_where="due_at IS NOT NULL")


def _emergencies() -> None:
    create_walled_table(
        "emergency_accesses",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("explanation", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("findings", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'ended', 'justified', 'unjustified')", name=op.f("ck_emergency_accesses_state")
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_emergency_accesses_ended")),
        sa.CheckConstraint(
            "num_nonnulls(reviewed_by, reviewed_at, findings) IN (0, 3)"
            " AND (state IN ('justified', 'unjustified')) = (reviewed_at IS NOT NULL)",
            name=op.f("ck_emergency_accesses_reviewed"),
        ),
        sa.CheckConstraint("state <> 'open' OR due_at IS NOT NULL", name=op.f("ck_emergency_accesses_due")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_emergency_accesses")),
        info=OF_TENANT,
    )
    op.create_index(
        "uq_emergency_accesses_open", "emergency_accesses", ["tenant_id", "staff_id", "resident_id"], unique=True,
        postgresql_where="state = 'open'",
    )  # fmt: skip
    op.create_index(
        op.f("ix_emergency_accesses_tenant_id_state_id"), "emergency_accesses", ["tenant_id", "state", "id"]
    )
    op.create_index(
        "ix_emergency_accesses_due", "emergency_accesses", ["due_at"], postgresql_where="due_at IS NOT NULL"
    )


def _inspections() -> None:
    create_walled_table(
        "visit_inspections",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "duty IN ('quality_control', 'complaint', 'dispute', 'adverse_event')",
            name=op.f("ck_visit_inspections_duty"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "visit_id"], ["visits.tenant_id", "visits.id"],
            name=op.f("fk_visit_inspections_tenant_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_visit_inspections")),
        info=OF_TENANT,
    )  # fmt: skip
    op.create_index(
        op.f("ix_visit_inspections_tenant_id_visit_id_staff_id"), "visit_inspections",
        ["tenant_id", "visit_id", "staff_id"],
    )  # fmt: skip
    op.create_index("ix_visit_inspections_due", "visit_inspections", ["due_at"], postgresql_where="due_at IS NOT NULL")
