"""Passkeys, whose each is, and the challenges that they answer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _passkeys()
    _holders()
    _challenges()


def downgrade() -> None:
    for table in ("sign_in_challenges", "passkey_challenges", "passkey_holders", "passkeys"):
        op.drop_table(table)


def _passkeys() -> None:
    create_walled_table(
        "passkeys",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("aaguid", sa.Uuid(), nullable=False),
        sa.Column("backup_eligible", sa.Boolean(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'removed') = (due_at IS NOT NULL)", name=op.f("ck_passkeys_due")),
        sa.CheckConstraint("state <> 'stopped' OR stopped_at IS NOT NULL", name=op.f("ck_passkeys_stopped")),
        sa.CheckConstraint("state IN ('active', 'stopped', 'removed')", name=op.f("ck_passkeys_state")),
        sa.CheckConstraint("backup_eligible OR NOT backed_up", name=op.f("ck_passkeys_backup")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name=op.f("fk_passkeys_person_id")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("person_id", "credential_id", name=op.f("uq_passkeys_person_id_credential_id")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_passkeys_due", "passkeys", ["due_at"], postgresql_where="due_at IS NOT NULL")


def _holders() -> None:
    create_walled_table(
        "passkey_holders",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("passkey_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_passkey_holders")),
        info={
            "placement": "key",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_passkey_holders_due", "passkey_holders", ["due_at"], postgresql_where="due_at IS NOT NULL")


def _challenges() -> None:
    create_walled_table(
        "passkey_challenges",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('registration', 'proof')", name=op.f("ck_passkey_challenges_purpose")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_passkey_challenges")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_passkey_challenges_due", "passkey_challenges", ["due_at"])
    create_walled_table(
        "sign_in_challenges",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_challenges")),
        info={
            "placement": "key",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_sign_in_challenges_due", "sign_in_challenges", ["due_at"])
