"""Prescriptions, their reviews, quotes and routing orders; signing keys; allergies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "allergies",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'removed') = (removed_at IS NOT NULL)", name=op.f("ck_allergies_removed")),
        sa.CheckConstraint("state IN ('stated', 'removed')", name=op.f("ck_allergies_state")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_allergies")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "care_looks",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("quarter", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_care_looks")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index("uq_care_looks_mark", "care_looks", ["person_id", "actor", "purpose", "quarter"], unique=True)
    create_walled_table(
        "medicines",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ingredient_group", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("strength", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("pack_units", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("control", sa.Text(), nullable=False),
        sa.Column("single_limit", sa.BigInteger(), nullable=False),
        sa.Column("daily_limit", sa.BigInteger(), nullable=False),
        sa.Column("long_term", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("category IN ('A', 'B', 'C')", name=op.f("ck_medicines_category")),
        sa.CheckConstraint(
            "single_limit > 0 AND daily_limit >= single_limit AND pack_units > 0", name=op.f("ck_medicines_limits")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_medicines")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(op.f("ix_medicines_tenant_id_name_id"), "medicines", ["tenant_id", "name", "id"], unique=False)
    op.create_index("uq_medicines_code", "medicines", ["tenant_id", "code"], unique=True)
    create_walled_table(
        "person_prescriptions",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("doctor_name", sa.Text(), nullable=False),
        sa.Column("institution_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("covers_until", sa.Date(), nullable=False),
        sa.Column("order_tenant", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_state", sa.Text(), nullable=True),
        sa.Column("pharmacy_name", sa.Text(), nullable=True),
        sa.Column("waiting", sa.Text(), nullable=True),
        sa.Column("stopping", sa.Text(), nullable=True),
        sa.Column("groups", sa.LargeBinary(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_prescriptions")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_person_prescriptions_person_id_covers_until"),
        "person_prescriptions",
        ["person_id", "covers_until"],
        unique=False,
    )
    create_walled_table(
        "prescription_choices",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("pharmacy", sa.BigInteger(), nullable=False),
        sa.Column("pharmacy_id", sa.Text(), nullable=False),
        sa.Column("pharmacy_name", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("own_cost", sa.BigInteger(), nullable=True),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rank", sa.BigInteger(), nullable=True),
        sa.Column("offer_seconds", sa.BigInteger(), nullable=True),
        sa.Column("attempt", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state <> 'offered' OR attempt IS NOT NULL", name=op.f("ck_prescription_choices_attempt")),
        sa.CheckConstraint("state <> 'shown' OR rank IS NULL", name=op.f("ck_prescription_choices_rank")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_prescription_choices")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_prescription_choices_tenant_id_prescription_id_state"),
        "prescription_choices",
        ["tenant_id", "prescription_id", "state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_prescription_choices_tenant_id_resident_id"),
        "prescription_choices",
        ["tenant_id", "resident_id"],
        unique=False,
    )
    op.create_index(
        "uq_prescription_choices_offered",
        "prescription_choices",
        ["tenant_id", "prescription_id"],
        unique=True,
        postgresql_where="state = 'offered'",
    )
    create_walled_table(
        "prescriptions",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_name", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("validity_days", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("institution_name", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("covers_until", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("order_tenant", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_state", sa.Text(), nullable=True),
        sa.Column("pharmacy_name", sa.Text(), nullable=True),
        sa.Column("waiting", sa.Text(), nullable=True),
        sa.Column("stopping", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(document, signed_at, expires_at, institution_name) IN (0, 4) AND (state IN ('draft', "
            "'discarded')) = (document IS NULL)",
            name=op.f("ck_prescriptions_signed"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'discarded', 'pending_review', 'review_rejected', 'ready', 'completed', "
            "'closed_unsupplied', 'withdrawn', 'expired')",
            name=op.f("ck_prescriptions_state"),
        ),
        sa.CheckConstraint("stopping IN ('withdrawn', 'expired', 'closed')", name=op.f("ck_prescriptions_stopping")),
        sa.CheckConstraint(
            "order_tenant IS NOT NULL OR num_nonnulls(order_id, order_state, stopping) = 0",
            name=op.f("ck_prescriptions_order"),
        ),
        sa.CheckConstraint("validity_days BETWEEN 1 AND 3", name=op.f("ck_prescriptions_validity_days")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_prescriptions")),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(
        "ix_prescriptions_due", "prescriptions", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    op.create_index(
        op.f("ix_prescriptions_tenant_id_doctor_id_id"), "prescriptions", ["tenant_id", "doctor_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_prescriptions_tenant_id_resident_id"), "prescriptions", ["tenant_id", "resident_id"], unique=False
    )
    create_walled_table(
        "products",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price > 0 AND stock >= 0", name=op.f("ck_products_amounts")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_products")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index("uq_products_code", "products", ["tenant_id", "code"], unique=True)
    create_walled_table(
        "quotes",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("total >= 0", name=op.f("ck_quotes_total")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_quotes")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "routing_orders",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("prescription", sa.Text(), nullable=False),
        sa.Column("hospital", sa.BigInteger(), nullable=False),
        sa.Column("hospital_id", sa.Text(), nullable=False),
        sa.Column("hospital_name", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("code_digest", sa.Text(), nullable=True),
        sa.Column("wrong_codes", sa.BigInteger(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=True),
        sa.Column("check_signature", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("prepared_by", sa.Text(), nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("handed_over_by", sa.Text(), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counselling", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'fulfilled') = (handed_over_at IS NOT NULL)", name=op.f("ck_routing_orders_handed_over")
        ),
        sa.CheckConstraint(
            "(state IN ('offered', 'accepted', 'checked', 'preparing', 'prepared')) = (due_at IS NOT NULL)",
            name=op.f("ck_routing_orders_due"),
        ),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'checked', 'preparing', 'prepared', 'fulfilled', 'declined', "
            "'timed_out', 'released', 'revoked', 'expired')",
            name=op.f("ck_routing_orders_state"),
        ),
        sa.CheckConstraint("handed_over_at < expires_at", name=op.f("ck_routing_orders_in_time")),
        sa.CheckConstraint("handed_over_at IS NULL OR settled_by IS NOT NULL", name=op.f("ck_routing_orders_settled")),
        sa.CheckConstraint("num_nonnulls(code, code_digest) IN (0, 2)", name=op.f("ck_routing_orders_code")),
        sa.CheckConstraint("total >= 0 AND wrong_codes >= 0", name=op.f("ck_routing_orders_amounts")),
        sa.CheckConstraint("verified_by <> prepared_by", name=op.f("ck_routing_orders_two_people")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_routing_orders")),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(
        "ix_routing_orders_due", "routing_orders", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    op.create_index(
        op.f("ix_routing_orders_tenant_id_resident_id"), "routing_orders", ["tenant_id", "resident_id"], unique=False
    )
    op.create_index(
        op.f("ix_routing_orders_tenant_id_state_id"), "routing_orders", ["tenant_id", "state", "id"], unique=False
    )
    op.create_index(
        "uq_routing_orders_attempt", "routing_orders", ["tenant_id", "prescription", "attempt"], unique=True
    )
    op.create_index(
        "uq_routing_orders_live",
        "routing_orders",
        ["tenant_id", "prescription"],
        unique=True,
        postgresql_where="state IN ('offered', 'accepted', 'checked', 'preparing', 'prepared')",
    )
    create_walled_table(
        "signing_keys",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public_key", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name=op.f("ck_signing_keys_revoked")),
        sa.CheckConstraint("state IN ('active', 'revoked')", name=op.f("ck_signing_keys_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_signing_keys")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_signing_keys_tenant_id_staff_id_id"), "signing_keys", ["tenant_id", "staff_id", "id"], unique=False
    )
    op.create_index(
        "uq_signing_keys_active",
        "signing_keys",
        ["tenant_id", "staff_id"],
        unique=True,
        postgresql_where="state = 'active'",
    )
    create_walled_table(
        "prescription_reviews",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'taken') = (taken_until IS NOT NULL)", name=op.f("ck_prescription_reviews_lease")),
        sa.CheckConstraint(
            "state IN ('queued', 'taken', 'query', 'passed', 'rejected', 'dropped')",
            name=op.f("ck_prescription_reviews_state"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "prescription_id"],
            ["prescriptions.tenant_id", "prescriptions.id"],
            name=op.f("fk_prescription_reviews_tenant_id_prescription_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_prescription_reviews")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_prescription_reviews_tenant_id_state_id"),
        "prescription_reviews",
        ["tenant_id", "state", "id"],
        unique=False,
    )
    op.create_index(
        "uq_prescription_reviews_one", "prescription_reviews", ["tenant_id", "prescription_id"], unique=True
    )
    create_walled_table(
        "prescription_signatures",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('doctor', 'reviewer', 'confirmation')", name=op.f("ck_prescription_signatures_role")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "prescription_id"],
            ["prescriptions.tenant_id", "prescriptions.id"],
            name=op.f("fk_prescription_signatures_tenant_id_prescription_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_prescription_signatures")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_prescription_signatures_tenant_id_prescription_id_id"),
        "prescription_signatures",
        ["tenant_id", "prescription_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_prescription_signatures_tenant_id_resident_id"),
        "prescription_signatures",
        ["tenant_id", "resident_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_prescription_signatures_tenant_id_resident_id"), table_name="prescription_signatures")
    op.drop_index(op.f("ix_prescription_signatures_tenant_id_prescription_id_id"), table_name="prescription_signatures")
    op.drop_table("prescription_signatures")
    op.drop_index("uq_prescription_reviews_one", table_name="prescription_reviews")
    op.drop_index(op.f("ix_prescription_reviews_tenant_id_state_id"), table_name="prescription_reviews")
    op.drop_table("prescription_reviews")
    op.drop_index("uq_signing_keys_active", table_name="signing_keys", postgresql_where="state = 'active'")
    op.drop_index(op.f("ix_signing_keys_tenant_id_staff_id_id"), table_name="signing_keys")
    op.drop_table("signing_keys")
    op.drop_index(
        "uq_routing_orders_live",
        table_name="routing_orders",
        postgresql_where="state IN ('offered', 'accepted', 'checked', 'preparing', 'prepared')",
    )
    op.drop_index("uq_routing_orders_attempt", table_name="routing_orders")
    op.drop_index(op.f("ix_routing_orders_tenant_id_state_id"), table_name="routing_orders")
    op.drop_index(op.f("ix_routing_orders_tenant_id_resident_id"), table_name="routing_orders")
    op.drop_index("ix_routing_orders_due", table_name="routing_orders", postgresql_where="due_at IS NOT NULL")
    op.drop_table("routing_orders")
    op.drop_table("quotes")
    op.drop_index("uq_products_code", table_name="products")
    op.drop_table("products")
    op.drop_index(op.f("ix_prescriptions_tenant_id_resident_id"), table_name="prescriptions")
    op.drop_index(op.f("ix_prescriptions_tenant_id_doctor_id_id"), table_name="prescriptions")
    op.drop_index("ix_prescriptions_due", table_name="prescriptions", postgresql_where="due_at IS NOT NULL")
    op.drop_table("prescriptions")
    op.drop_index(
        "uq_prescription_choices_offered", table_name="prescription_choices", postgresql_where="state = 'offered'"
    )
    op.drop_index(op.f("ix_prescription_choices_tenant_id_resident_id"), table_name="prescription_choices")
    op.drop_index(op.f("ix_prescription_choices_tenant_id_prescription_id_state"), table_name="prescription_choices")
    op.drop_table("prescription_choices")
    op.drop_index(op.f("ix_person_prescriptions_person_id_covers_until"), table_name="person_prescriptions")
    op.drop_table("person_prescriptions")
    op.drop_index("uq_medicines_code", table_name="medicines")
    op.drop_index(op.f("ix_medicines_tenant_id_name_id"), table_name="medicines")
    op.drop_table("medicines")
    op.drop_index("uq_care_looks_mark", table_name="care_looks")
    op.drop_table("care_looks")
    op.drop_table("allergies")
