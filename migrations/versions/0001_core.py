"""The core: journal, relays, deliveries, idempotency keys, clients and their tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "idempotency_keys",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "principal", "name", name=op.f("pk_idempotency_keys")),
        info={
            "placement": "tenant",
            "resident_view": "machinery",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_idempotency_keys_due", "idempotency_keys", ["due_at"], unique=False)
    create_walled_table(
        "journal",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_version", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_journal")),
        sa.UniqueConstraint("tenant_id", "seq", name=op.f("uq_journal_tenant_id_seq")),
        info={
            "placement": "tenant",
            "resident_view": "machinery",
            "grants": {"app": "SELECT", "sealer": "SELECT, INSERT", "discovery": "SELECT ({owner})"},
        },
    )
    op.create_index(
        op.f("ix_journal_tenant_id_subject_subject_version"),
        "journal",
        ["tenant_id", "subject", "subject_version"],
        unique=False,
    )
    create_walled_table(
        "journal_heads",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_journal_heads")),
        info={
            "placement": "tenant",
            "resident_view": "machinery",
            "grants": {"app": "INSERT", "sealer": "SELECT, UPDATE", "discovery": "SELECT ({owner})"},
        },
    )
    create_walled_table(
        "journal_pending",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_version", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("relays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_journal_pending")),
        info={
            "placement": "tenant",
            "resident_view": "machinery",
            "grants": {"app": "INSERT", "sealer": "SELECT, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    create_walled_table(
        "oauth_clients",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("permissions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'revoked')", name=op.f("ck_oauth_clients_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_oauth_clients")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "person_idempotency_keys",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "principal", "name", name=op.f("pk_person_idempotency_keys")),
        info={
            "placement": "person",
            "resident_view": "machinery",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_person_idempotency_keys_due", "person_idempotency_keys", ["due_at"], unique=False)
    create_walled_table(
        "person_journal",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_version", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_journal")),
        sa.UniqueConstraint("person_id", "seq", name=op.f("uq_person_journal_person_id_seq")),
        info={
            "placement": "person",
            "resident_view": "machinery",
            "grants": {"app": "SELECT", "sealer": "SELECT, INSERT", "discovery": "SELECT ({owner})"},
        },
    )
    op.create_index(
        op.f("ix_person_journal_person_id_subject_subject_version"),
        "person_journal",
        ["person_id", "subject", "subject_version"],
        unique=False,
    )
    create_walled_table(
        "person_journal_heads",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_journal_heads")),
        info={
            "placement": "person",
            "resident_view": "machinery",
            "grants": {"app": "INSERT", "sealer": "SELECT, UPDATE", "discovery": "SELECT ({owner})"},
        },
    )
    create_walled_table(
        "person_journal_pending",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_version", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("relays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_journal_pending")),
        info={
            "placement": "person",
            "resident_view": "machinery",
            "grants": {"app": "INSERT", "sealer": "SELECT, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    create_walled_table(
        "person_relay_inbox",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_relay_inbox")),
        info={
            "placement": "person",
            "resident_view": "machinery",
            "grants": {"app": "SELECT, INSERT, UPDATE"},
        },
    )
    create_walled_table(
        "person_relays",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("taker", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'acknowledged', 'stuck')", name=op.f("ck_person_relays_state")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_relays")),
        info={
            "placement": "person",
            "resident_view": "machinery",
            "grants": {"app": "SELECT, UPDATE", "sealer": "INSERT", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(
        "ix_person_relays_due",
        "person_relays",
        ["due_at"],
        unique=False,
        postgresql_where="due_at IS NOT NULL",
    )
    op.create_index(
        op.f("ix_person_relays_person_id_taker_subject_seq"),
        "person_relays",
        ["person_id", "taker", "subject", "seq"],
        unique=False,
        postgresql_where="state <> 'acknowledged'",
    )
    create_walled_table(
        "relay_inbox",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_relay_inbox")),
        info={
            "placement": "tenant",
            "resident_view": "machinery",
            "grants": {"app": "SELECT, INSERT, UPDATE"},
        },
    )
    create_walled_table(
        "relays",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("taker", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'acknowledged', 'stuck')", name=op.f("ck_relays_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_relays")),
        info={
            "placement": "tenant",
            "resident_view": "machinery",
            "grants": {"app": "SELECT, UPDATE", "sealer": "INSERT", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_relays_due", "relays", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL")
    op.create_index(
        op.f("ix_relays_tenant_id_taker_subject_seq"),
        "relays",
        ["tenant_id", "taker", "subject", "seq"],
        unique=False,
        postgresql_where="state <> 'acknowledged'",
    )
    create_walled_table(
        "webhook_endpoints",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('unverified', 'active', 'disabled')", name=op.f("ck_webhook_endpoints_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_webhook_endpoints")),
        info={
            "placement": "tenant",
            "resident_view": "machinery",
            "grants": {"app": "SELECT, INSERT, UPDATE", "sealer": "SELECT"},
        },
    )
    create_walled_table(
        "access_tokens",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("permissions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["oauth_clients.tenant_id", "oauth_clients.id"],
            name=op.f("fk_access_tokens_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_access_tokens")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "deliveries",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'delivered', 'exhausted', 'canceled')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"],
            ["webhook_endpoints.tenant_id", "webhook_endpoints.id"],
            name=op.f("fk_deliveries_tenant_id_endpoint_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["journal.tenant_id", "journal.id"],
            name=op.f("fk_deliveries_tenant_id_entry_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "tenant_id", "endpoint_id", "entry_id", name=op.f("uq_deliveries_tenant_id_endpoint_id_entry_id")
        ),
        info={
            "placement": "tenant",
            "resident_view": "machinery",
            "grants": {
                "app": "SELECT, UPDATE",
                "sealer": "SELECT, INSERT",
                "discovery": "SELECT ({owner}, due_at)",
            },
        },
    )
    op.create_index("ix_deliveries_due", "deliveries", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL")
    op.create_index(
        op.f("ix_deliveries_tenant_id_endpoint_id_due_at"),
        "deliveries",
        ["tenant_id", "endpoint_id", "due_at"],
        unique=False,
        postgresql_where="due_at IS NOT NULL",
    )
    create_walled_table(
        "delivery_attempts",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["deliveries.tenant_id", "deliveries.id"],
            name=op.f("fk_delivery_attempts_tenant_id_delivery_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_delivery_attempts")),
        sa.UniqueConstraint(
            "tenant_id",
            "delivery_id",
            "number",
            name=op.f("uq_delivery_attempts_tenant_id_delivery_id_number"),
        ),
        info={
            "placement": "tenant",
            "resident_view": "machinery",
            "grants": {"app": "SELECT, INSERT, UPDATE"},
        },
    )


def downgrade() -> None:
    op.drop_table("delivery_attempts")
    op.drop_index(
        op.f("ix_deliveries_tenant_id_endpoint_id_due_at"),
        table_name="deliveries",
        postgresql_where="due_at IS NOT NULL",
    )
    op.drop_index("ix_deliveries_due", table_name="deliveries", postgresql_where="due_at IS NOT NULL")
    op.drop_table("deliveries")
    op.drop_table("access_tokens")
    op.drop_table("webhook_endpoints")
    op.drop_index(
        op.f("ix_relays_tenant_id_taker_subject_seq"),
        table_name="relays",
        postgresql_where="state <> 'acknowledged'",
    )
    op.drop_index("ix_relays_due", table_name="relays", postgresql_where="due_at IS NOT NULL")
    op.drop_table("relays")
    op.drop_table("relay_inbox")
    op.drop_index(
        op.f("ix_person_relays_person_id_taker_subject_seq"),
        table_name="person_relays",
        postgresql_where="state <> 'acknowledged'",
    )
    op.drop_index("ix_person_relays_due", table_name="person_relays", postgresql_where="due_at IS NOT NULL")
    op.drop_table("person_relays")
    op.drop_table("person_relay_inbox")
    op.drop_table("person_journal_pending")
    op.drop_table("person_journal_heads")
    op.drop_index(op.f("ix_person_journal_person_id_subject_subject_version"), table_name="person_journal")
    op.drop_table("person_journal")
    op.drop_index("ix_person_idempotency_keys_due", table_name="person_idempotency_keys")
    op.drop_table("person_idempotency_keys")
    op.drop_table("oauth_clients")
    op.drop_table("journal_pending")
    op.drop_table("journal_heads")
    op.drop_index(op.f("ix_journal_tenant_id_subject_subject_version"), table_name="journal")
    op.drop_table("journal")
    op.drop_index("ix_idempotency_keys_due", table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
