"""Plans, members and coverages; settlements, claims and claim cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "eligibility_checks",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("answer = 'unknown' OR as_of IS NOT NULL", name=op.f("ck_eligibility_checks_as_of")),
        sa.CheckConstraint(
            "answer IN ('in_force', 'not_in_force', 'unknown')", name=op.f("ck_eligibility_checks_answer")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_eligibility_checks")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_eligibility_checks_tenant_id_resident_id"),
        "eligibility_checks",
        ["tenant_id", "resident_id"],
        unique=False,
    )
    create_walled_table(
        "person_coverages",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("insurer", sa.BigInteger(), nullable=False),
        sa.Column("insurer_id", sa.Uuid(), nullable=False),
        sa.Column("insurer_name", sa.Text(), nullable=False),
        sa.Column("member_number", sa.LargeBinary(), nullable=False),
        sa.Column("number_digest", sa.Text(), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=True),
        sa.Column("plan_name", sa.Text(), nullable=True),
        sa.Column("payer_kind", sa.Text(), nullable=True),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'active', 'refused', 'ended')", name=op.f("ck_person_coverages_state")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'refused') OR policy IS NOT NULL", name=op.f("ck_person_coverages_policy")
        ),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_coverages")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_person_coverages_person_id_asked_on"), "person_coverages", ["person_id", "asked_on"], unique=False
    )
    op.create_index(
        "uq_person_coverages_open",
        "person_coverages",
        ["person_id", "insurer", "number_digest"],
        unique=True,
        postgresql_where="state IN ('requested', 'active')",
    )
    create_walled_table(
        "plans",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("payer_kind", sa.Text(), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("payer_kind IN ('public_scheme', 'commercial')", name=op.f("ck_plans_payer_kind")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plans")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_plans_tenant_id_code")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "scheme_connections",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("insurer", sa.BigInteger(), nullable=False),
        sa.Column("insurer_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_scheme_connections")),
        sa.UniqueConstraint("tenant_id", "insurer", name=op.f("uq_scheme_connections_tenant_id_insurer")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "settlements",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("insurer", sa.BigInteger(), nullable=True),
        sa.Column("coverage", sa.Uuid(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("fund", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("cash", sa.BigInteger(), nullable=False),
        sa.Column("fund_parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("visit_bill_id", sa.Uuid(), nullable=True),
        sa.Column("bill_id", sa.Uuid(), nullable=True),
        sa.Column("prepaid", sa.BigInteger(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("credential", sa.LargeBinary(), nullable=True),
        sa.Column("scheme_settlement", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(payer = 'self') = (coverage IS NULL)", name=op.f("ck_settlements_coverage")),
        sa.CheckConstraint(
            "(state IN ('asked', 'committing', 'reversing')) = (due_at IS NOT NULL)", name=op.f("ck_settlements_due")
        ),
        sa.CheckConstraint("kind IN ('visit', 'medicine')", name=op.f("ck_settlements_kind")),
        sa.CheckConstraint("payer IN ('self', 'public_scheme', 'commercial')", name=op.f("ck_settlements_payer")),
        sa.CheckConstraint(
            "state IN ('asked', 'trial', 'paying', 'committing', 'committed', 'refused', 'canceled', "
            "'reversing', 'reversed')",
            name=op.f("ck_settlements_state"),
        ),
        sa.CheckConstraint("(insurer IS NULL) = (coverage IS NULL)", name=op.f("ck_settlements_insurer")),
        sa.CheckConstraint("fund + account + cash = total", name=op.f("ck_settlements_split")),
        sa.CheckConstraint("prepaid >= 0 AND prepaid <= total", name=op.f("ck_settlements_prepaid")),
        sa.CheckConstraint("refunded_at IS NULL OR refund_id IS NOT NULL", name=op.f("ck_settlements_refund")),
        sa.CheckConstraint(
            "total >= 0 AND fund >= 0 AND account >= 0 AND cash >= 0", name=op.f("ck_settlements_amounts")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_settlements")),
        sa.UniqueConstraint("tenant_id", "asked", name=op.f("uq_settlements_tenant_id_asked")),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(
        "ix_settlements_due", "settlements", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    op.create_index(
        "ix_settlements_refund",
        "settlements",
        ["tenant_id", "refund_id"],
        unique=False,
        postgresql_where="refund_id IS NOT NULL",
    )
    op.create_index(
        op.f("ix_settlements_tenant_id_resident_id"), "settlements", ["tenant_id", "resident_id"], unique=False
    )
    op.create_index(
        "uq_settlements_live",
        "settlements",
        ["tenant_id", "subject"],
        unique=True,
        postgresql_where="state IN ('asked', 'trial', 'paying', 'committing', 'committed', 'reversing')",
    )
    create_walled_table(
        "claims",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("insurer", sa.BigInteger(), nullable=False),
        sa.Column("claim_version", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("billed", sa.BigInteger(), nullable=False),
        sa.Column("fund", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("cash", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('settlement', 'direct_billing')", name=op.f("ck_claims_kind")),
        sa.CheckConstraint(
            "state IN ('submitted', 'accepted', 'withdrawing', 'decided', 'settled', 'denied', 'withdrawn')",
            name=op.f("ck_claims_state"),
        ),
        sa.CheckConstraint("(returned > 0) = (refund_id IS NOT NULL)", name=op.f("ck_claims_refund")),
        sa.CheckConstraint("billed > 0 AND fund >= 0 AND account >= 0 AND cash >= 0", name=op.f("ck_claims_amounts")),
        sa.CheckConstraint("fund + account + cash = billed", name=op.f("ck_claims_split")),
        sa.CheckConstraint("returned >= 0 AND returned <= fund + account", name=op.f("ck_claims_returned")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "settlement_id"],
            ["settlements.tenant_id", "settlements.id"],
            name=op.f("fk_claims_tenant_id_settlement_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_claims")),
        sa.UniqueConstraint("tenant_id", "settlement_id", name=op.f("uq_claims_tenant_id_settlement_id")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        "ix_claims_refund", "claims", ["tenant_id", "refund_id"], unique=False, postgresql_where="refund_id IS NOT NULL"
    )
    op.create_index(op.f("ix_claims_tenant_id_resident_id"), "claims", ["tenant_id", "resident_id"], unique=False)
    create_walled_table(
        "members",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("number_digest", sa.Text(), nullable=False),
        sa.Column("identity_digest", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'ended') = (reason IS NOT NULL)", name=op.f("ck_members_reason")),
        sa.CheckConstraint("state = 'active' OR valid_until IS NOT NULL", name=op.f("ck_members_ended")),
        sa.CheckConstraint("state IN ('active', 'ended')", name=op.f("ck_members_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"], ["plans.tenant_id", "plans.id"], name=op.f("fk_members_tenant_id_plan_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_members")),
        sa.UniqueConstraint("tenant_id", "number_digest", name=op.f("uq_members_tenant_id_number_digest")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(op.f("ix_members_tenant_id_plan_id"), "members", ["tenant_id", "plan_id"], unique=False)
    create_walled_table(
        "coverages",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=False),
        sa.Column("plan_name", sa.Text(), nullable=False),
        sa.Column("payer_kind", sa.Text(), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("payer_kind IN ('public_scheme', 'commercial')", name=op.f("ck_coverages_payer_kind")),
        sa.CheckConstraint("state = 'active' OR valid_until IS NOT NULL", name=op.f("ck_coverages_ended")),
        sa.CheckConstraint("state IN ('active', 'ended')", name=op.f("ck_coverages_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["members.tenant_id", "members.id"],
            name=op.f("fk_coverages_tenant_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"], ["plans.tenant_id", "plans.id"], name=op.f("fk_coverages_tenant_id_plan_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_coverages")),
        sa.UniqueConstraint("tenant_id", "member_id", name=op.f("uq_coverages_tenant_id_member_id")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(op.f("ix_coverages_tenant_id_plan_id"), "coverages", ["tenant_id", "plan_id"], unique=False)
    op.create_index(op.f("ix_coverages_tenant_id_resident_id"), "coverages", ["tenant_id", "resident_id"], unique=False)
    create_walled_table(
        "benefit_counters",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("deductible", sa.BigInteger(), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=True),
        sa.Column("deductible_used", sa.BigInteger(), nullable=False),
        sa.Column("fund_used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("deductible_used BETWEEN 0 AND deductible", name=op.f("ck_benefit_counters_deductible")),
        sa.CheckConstraint(
            "fund_used >= 0 AND (ceiling IS NULL OR fund_used <= ceiling)", name=op.f("ck_benefit_counters_fund")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "coverage_id"],
            ["coverages.tenant_id", "coverages.id"],
            name=op.f("fk_benefit_counters_tenant_id_coverage_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_benefit_counters")),
        sa.UniqueConstraint(
            "tenant_id", "coverage_id", "year", name=op.f("uq_benefit_counters_tenant_id_coverage_id_year")
        ),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "claim_cases",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("provider_name", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("claim_version", sa.BigInteger(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("billed", sa.BigInteger(), nullable=False),
        sa.Column("fund", sa.BigInteger(), nullable=False),
        sa.Column("decision_seq", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('visit', 'medicine')", name=op.f("ck_claim_cases_kind")),
        sa.CheckConstraint("state IN ('open', 'decided', 'settled', 'withdrawn')", name=op.f("ck_claim_cases_state")),
        sa.CheckConstraint("(decision_seq > 0) = (decision IS NOT NULL)", name=op.f("ck_claim_cases_decision")),
        sa.CheckConstraint("billed > 0 AND fund >= 0 AND fund <= billed", name=op.f("ck_claim_cases_amounts")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "coverage_id"],
            ["coverages.tenant_id", "coverages.id"],
            name=op.f("fk_claim_cases_tenant_id_coverage_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_claim_cases")),
        sa.UniqueConstraint(
            "tenant_id", "provider", "claim_id", name=op.f("uq_claim_cases_tenant_id_provider_claim_id")
        ),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_claim_cases_tenant_id_resident_id"), "claim_cases", ["tenant_id", "resident_id"], unique=False
    )
    op.create_index(
        op.f("ix_claim_cases_tenant_id_state_id"), "claim_cases", ["tenant_id", "state", "id"], unique=False
    )
    op.alter_column("ledger_postings", "bill_id", existing_type=sa.UUID(), nullable=True)


def downgrade() -> None:
    op.alter_column("ledger_postings", "bill_id", existing_type=sa.UUID(), nullable=False)
    op.drop_index(op.f("ix_claim_cases_tenant_id_state_id"), table_name="claim_cases")
    op.drop_index(op.f("ix_claim_cases_tenant_id_resident_id"), table_name="claim_cases")
    op.drop_table("claim_cases")
    op.drop_table("benefit_counters")
    op.drop_index(op.f("ix_coverages_tenant_id_resident_id"), table_name="coverages")
    op.drop_index(op.f("ix_coverages_tenant_id_plan_id"), table_name="coverages")
    op.drop_table("coverages")
    op.drop_index(op.f("ix_members_tenant_id_plan_id"), table_name="members")
    op.drop_table("members")
    op.drop_index(op.f("ix_claims_tenant_id_resident_id"), table_name="claims")
    op.drop_index("ix_claims_refund", table_name="claims", postgresql_where="refund_id IS NOT NULL")
    op.drop_table("claims")
    op.drop_index(
        "uq_settlements_live",
        table_name="settlements",
        postgresql_where="state IN ('asked', 'trial', 'paying', 'committing', 'committed', 'reversing')",
    )
    op.drop_index(op.f("ix_settlements_tenant_id_resident_id"), table_name="settlements")
    op.drop_index("ix_settlements_refund", table_name="settlements", postgresql_where="refund_id IS NOT NULL")
    op.drop_index("ix_settlements_due", table_name="settlements", postgresql_where="due_at IS NOT NULL")
    op.drop_table("settlements")
    op.drop_table("scheme_connections")
    op.drop_table("plans")
    op.drop_index(
        "uq_person_coverages_open", table_name="person_coverages", postgresql_where="state IN ('requested', 'active')"
    )
    op.drop_index(op.f("ix_person_coverages_person_id_asked_on"), table_name="person_coverages")
    op.drop_table("person_coverages")
    op.drop_index(op.f("ix_eligibility_checks_tenant_id_resident_id"), table_name="eligibility_checks")
    op.drop_table("eligibility_checks")
