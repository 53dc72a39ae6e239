"""Scheduling: shifts, slots, appointments, and what a person keeps of theirs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "person_appointments",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_name", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_appointments")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_person_appointments_person_id_starts_at_id"),
        "person_appointments",
        ["person_id", "starts_at", "id"],
        unique=False,
    )
    create_walled_table(
        "shifts",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half_day", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("fee_lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("half_day IN ('morning', 'afternoon', 'evening')", name=op.f("ck_shifts_half_day")),
        sa.CheckConstraint("kind IN ('ordinary', 'specialist', 'special_needs')", name=op.f("ck_shifts_kind")),
        sa.CheckConstraint("state IN ('open', 'stopped')", name=op.f("ck_shifts_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_shifts")),
        info={
            "placement": "tenant",
            "resident_view": "public",
            "grants": {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_shifts_due", "shifts", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL")
    op.create_index(op.f("ix_shifts_tenant_id_day_id"), "shifts", ["tenant_id", "day", "id"], unique=False)
    op.create_index(
        "uq_shifts_doctor",
        "shifts",
        ["tenant_id", "doctor_id", "day", "half_day"],
        unique=True,
        postgresql_where="state = 'open'",
    )
    create_walled_table(
        "slots",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("shift_version", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("0 <= taken AND taken <= capacity", name=op.f("ck_slots_places")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_slots_times")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "shift_id"], ["shifts.tenant_id", "shifts.id"], name=op.f("fk_slots_tenant_id_shift_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_slots")),
        info={"placement": "tenant", "resident_view": "public", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_slots_tenant_id_day_starts_at_id"), "slots", ["tenant_id", "day", "starts_at", "id"], unique=False
    )
    op.create_index(op.f("ix_slots_tenant_id_shift_id"), "slots", ["tenant_id", "shift_id"], unique=False)
    create_walled_table(
        "appointments",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("shift_version", sa.BigInteger(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(reason IS NULL) = (state IN ('held', 'confirmed'))", name=op.f("ck_appointments_reason")),
        sa.CheckConstraint(
            "state IN ('held', 'releasing', 'released', 'confirmed', 'canceled_refunding', 'canceled')",
            name=op.f("ck_appointments_state"),
        ),
        sa.CheckConstraint("(bill_id IS NULL) = (fee = 0)", name=op.f("ck_appointments_bill")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "slot_id"], ["slots.tenant_id", "slots.id"], name=op.f("fk_appointments_tenant_id_slot_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_appointments")),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(
        "ix_appointments_due", "appointments", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    op.create_index(
        "ix_appointments_holding",
        "appointments",
        ["tenant_id", "shift_id", "shift_version"],
        unique=False,
        postgresql_where="state IN ('held', 'releasing', 'confirmed')",
    )
    op.create_index(op.f("ix_appointments_tenant_id_day_id"), "appointments", ["tenant_id", "day", "id"], unique=False)
    op.create_index(
        op.f("ix_appointments_tenant_id_resident_id"), "appointments", ["tenant_id", "resident_id"], unique=False
    )
    op.create_index(
        "uq_appointments_one_per_day",
        "appointments",
        ["tenant_id", "resident_id", "subject", "day"],
        unique=True,
        postgresql_where="state IN ('held', 'releasing', 'confirmed')",
    )


def downgrade() -> None:
    op.drop_index(
        "uq_appointments_one_per_day",
        table_name="appointments",
        postgresql_where="state IN ('held', 'releasing', 'confirmed')",
    )
    op.drop_index(op.f("ix_appointments_tenant_id_resident_id"), table_name="appointments")
    op.drop_index(op.f("ix_appointments_tenant_id_day_id"), table_name="appointments")
    op.drop_index(
        "ix_appointments_holding",
        table_name="appointments",
        postgresql_where="state IN ('held', 'releasing', 'confirmed')",
    )
    op.drop_index("ix_appointments_due", table_name="appointments", postgresql_where="due_at IS NOT NULL")
    op.drop_table("appointments")
    op.drop_index(op.f("ix_slots_tenant_id_shift_id"), table_name="slots")
    op.drop_index(op.f("ix_slots_tenant_id_day_starts_at_id"), table_name="slots")
    op.drop_table("slots")
    op.drop_index("uq_shifts_doctor", table_name="shifts", postgresql_where="state = 'open'")
    op.drop_index(op.f("ix_shifts_tenant_id_day_id"), table_name="shifts")
    op.drop_index("ix_shifts_due", table_name="shifts", postgresql_where="due_at IS NOT NULL")
    op.drop_table("shifts")
    op.drop_index(op.f("ix_person_appointments_person_id_starts_at_id"), table_name="person_appointments")
    op.drop_table("person_appointments")
