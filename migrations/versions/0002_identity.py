"""Persons sign in: persons, logins, one-time codes, tokens of persons and of staff."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _persons()
    _values()
    _staff_tokens()


def _persons() -> None:
    create_walled_table(
        "persons",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_persons")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "person_access_tokens",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name=op.f("fk_person_access_tokens_person_id")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_access_tokens")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )


def _values() -> None:
    create_walled_table(
        "logins",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('reserved', 'held')", name=op.f("ck_logins_state")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_logins")),
        info={"placement": "key", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "phone_challenges",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("tries_left", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sends", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_phone_challenges")),
        info={"placement": "key", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )


def _staff_tokens() -> None:
    """Clients' tokens stay as they are: what an old process writes satisfies the new constraints."""
    for name in ("staff_id", "person_id"):
        op.add_column("access_tokens", sa.Column(name, sa.Uuid(), nullable=True))
    op.add_column("access_tokens", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("access_tokens", "client_id", nullable=True)
    for name, rule in (
        ("ck_access_tokens_subject", "num_nonnulls(client_id, staff_id) = 1"),
        ("ck_access_tokens_staff_person", "num_nonnulls(staff_id, person_id) <> 1"),
    ):
        op.create_check_constraint(op.f(name), "access_tokens", rule)
    op.create_index(
        op.f("ix_access_tokens_tenant_id_staff_id"),
        "access_tokens",
        ["tenant_id", "staff_id"],
        postgresql_where="staff_id IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_access_tokens_tenant_id_staff_id"),
        table_name="access_tokens",
        postgresql_where="staff_id IS NOT NULL",
    )
    op.drop_constraint(op.f("ck_access_tokens_staff_person"), "access_tokens")
    op.drop_constraint(op.f("ck_access_tokens_subject"), "access_tokens")
    op.alter_column("access_tokens", "client_id", nullable=False)
    for name in ("revoked_at", "person_id", "staff_id"):
        op.drop_column("access_tokens", name)
    for table in ("phone_challenges", "logins", "person_access_tokens", "persons"):
        op.drop_table(table)
