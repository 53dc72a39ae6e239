"""Payments: merchant accounts, bills, payments, refunds, the ledger, what gateways told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "bills",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("paid_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'paid') = (paid_by IS NOT NULL)", name=op.f("ck_bills_paid_by")),
        sa.CheckConstraint("state IN ('open', 'paid', 'canceling', 'canceled')", name=op.f("ck_bills_state")),
        sa.CheckConstraint("total > 0", name=op.f("ck_bills_total")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_bills")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(op.f("ix_bills_tenant_id_resident_id"), "bills", ["tenant_id", "resident_id"], unique=False)
    create_walled_table(
        "gateway_hooks",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_gateway_hooks")),
        info={"placement": "key", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "ledger_postings",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_postings_amount")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ledger_postings")),
        sa.UniqueConstraint(
            "tenant_id",
            "subject_id",
            "reason",
            "account",
            name=op.f("uq_ledger_postings_tenant_id_subject_id_reason_account"),
        ),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT"}},
    )
    op.create_index(
        op.f("ix_ledger_postings_tenant_id_bill_id"), "ledger_postings", ["tenant_id", "bill_id"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_postings_tenant_id_resident_id"), "ledger_postings", ["tenant_id", "resident_id"], unique=False
    )
    create_walled_table(
        "merchant_accounts",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("api_key", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_merchant_accounts")),
        info={"placement": "tenant", "resident_view": "public", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "gateway_facts",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("payment_channel_id", sa.Text(), nullable=True),
        sa.Column("named", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('received', 'applied', 'repeated', 'refused', 'unmatched', 'ignored')",
            name=op.f("ck_gateway_facts_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["merchant_accounts.tenant_id", "merchant_accounts.id"],
            name=op.f("fk_gateway_facts_tenant_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_gateway_facts")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "event_id", name=op.f("uq_gateway_facts_tenant_id_account_id_event_id")
        ),
        info={
            "placement": "tenant",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(
        "ix_gateway_facts_due", "gateway_facts", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    op.create_index(
        "ix_gateway_facts_refused",
        "gateway_facts",
        ["tenant_id", "account_id", "channel_id"],
        unique=False,
        postgresql_where="verdict = 'refused'",
    )
    op.create_index(
        "uq_gateway_facts_effect",
        "gateway_facts",
        ["tenant_id", "account_id", "channel_id", "state"],
        unique=True,
        postgresql_where="verdict = 'applied'",
    )
    create_walled_table(
        "payments",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=True),
        sa.Column("return_url", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stopping", sa.Boolean(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("next_action", sa.LargeBinary(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("in_flight", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('created', 'unknown', 'requires_action', 'processing', 'failed', 'canceled', 'succeeded')",
            name=op.f("ck_payments_state"),
        ),
        sa.CheckConstraint("amount > 0 AND paid IN (0, amount)", name=op.f("ck_payments_amount")),
        sa.CheckConstraint(
            "refunded >= 0 AND in_flight >= 0 AND refunded + in_flight <= paid", name=op.f("ck_payments_refundable")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["merchant_accounts.tenant_id", "merchant_accounts.id"],
            name=op.f("fk_payments_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bill_id"], ["bills.tenant_id", "bills.id"], name=op.f("fk_payments_tenant_id_bill_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "channel_id", name=op.f("uq_payments_tenant_id_account_id_channel_id")
        ),
        sa.UniqueConstraint("tenant_id", "asked", name=op.f("uq_payments_tenant_id_asked")),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_payments_due", "payments", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL")
    op.create_index(op.f("ix_payments_tenant_id_bill_id"), "payments", ["tenant_id", "bill_id"], unique=False)
    op.create_index(op.f("ix_payments_tenant_id_resident_id"), "payments", ["tenant_id", "resident_id"], unique=False)
    create_walled_table(
        "refunds",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'unknown', 'pending', 'succeeded', 'failed')", name=op.f("ck_refunds_state")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bill_id"], ["bills.tenant_id", "bills.id"], name=op.f("fk_refunds_tenant_id_bill_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["payments.tenant_id", "payments.id"],
            name=op.f("fk_refunds_tenant_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_refunds")),
        sa.UniqueConstraint(
            "tenant_id", "channel_id", "payment_id", name=op.f("uq_refunds_tenant_id_channel_id_payment_id")
        ),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_refunds_due", "refunds", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL")
    op.create_index(op.f("ix_refunds_tenant_id_bill_id"), "refunds", ["tenant_id", "bill_id"], unique=False)
    op.create_index(op.f("ix_refunds_tenant_id_resident_id"), "refunds", ["tenant_id", "resident_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_refunds_tenant_id_resident_id"), table_name="refunds")
    op.drop_index(op.f("ix_refunds_tenant_id_bill_id"), table_name="refunds")
    op.drop_index("ix_refunds_due", table_name="refunds", postgresql_where="due_at IS NOT NULL")
    op.drop_table("refunds")
    op.drop_index(op.f("ix_payments_tenant_id_resident_id"), table_name="payments")
    op.drop_index(op.f("ix_payments_tenant_id_bill_id"), table_name="payments")
    op.drop_index("ix_payments_due", table_name="payments", postgresql_where="due_at IS NOT NULL")
    op.drop_table("payments")
    op.drop_index("uq_gateway_facts_effect", table_name="gateway_facts", postgresql_where="verdict = 'applied'")
    op.drop_index("ix_gateway_facts_refused", table_name="gateway_facts", postgresql_where="verdict = 'refused'")
    op.drop_index("ix_gateway_facts_due", table_name="gateway_facts", postgresql_where="due_at IS NOT NULL")
    op.drop_table("gateway_facts")
    op.drop_table("merchant_accounts")
    op.drop_index(op.f("ix_ledger_postings_tenant_id_resident_id"), table_name="ledger_postings")
    op.drop_index(op.f("ix_ledger_postings_tenant_id_bill_id"), table_name="ledger_postings")
    op.drop_table("ledger_postings")
    op.drop_table("gateway_hooks")
    op.drop_index(op.f("ix_bills_tenant_id_resident_id"), table_name="bills")
    op.drop_table("bills")
