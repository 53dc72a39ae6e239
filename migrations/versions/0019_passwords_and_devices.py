"""Passwords and tries to sign in, devices, notices to owners, owners who are let in once, cases between accounts."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

FORGOTTEN = {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"}
DUE = ("sign_in_tries", "account_recoveries", "devices", "security_notices", "account_cases")


def upgrade() -> None:
    _passwords()
    _account_recoveries()
    _devices()
    _security_notices()
    _account_cases()
    for table in DUE:
        op.create_index(f"ix_{table}_due", table, ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.add_column("person_access_tokens", sa.Column("device_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("person_access_tokens", "device_id")
    for table in (*DUE, "passwords"):
        op.drop_table(table)


def _passwords() -> None:
    create_walled_table(
        "passwords",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name=op.f("fk_passwords_person_id")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_passwords")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE, DELETE"}},
    )
    create_walled_table(
        "sign_in_tries",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("misses", sa.BigInteger(), nullable=False),
        sa.Column("open_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_tries")),
        info={"placement": "key", "resident_view": "none", "grants": FORGOTTEN},
    )


def _account_recoveries() -> None:
    create_walled_table(
        "account_recoveries",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name=op.f("fk_account_recoveries_person_id")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_account_recoveries")),
        info={"placement": "person", "resident_view": "none", "grants": FORGOTTEN},
    )


def _devices() -> None:
    create_walled_table(
        "devices",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name=op.f("fk_devices_person_id")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_devices")),
        info={"placement": "person", "resident_view": "none", "grants": FORGOTTEN},
    )


def _security_notices() -> None:
    create_walled_table(
        "security_notices",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'unsent')", name=op.f("ck_security_notices_state")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name=op.f("fk_security_notices_person_id")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_security_notices")),
        info={"placement": "person", "resident_view": "none", "grants": FORGOTTEN},
    )


def _account_cases() -> None:
    create_walled_table(
        "account_cases",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("differed", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('number', 'identity')", name=op.f("ck_account_cases_kind")),
        sa.CheckConstraint("(kind = 'identity') = (holder_id IS NOT NULL)", name=op.f("ck_account_cases_holder")),
        sa.CheckConstraint("(kind = 'number') = (login IS NOT NULL)", name=op.f("ck_account_cases_login")),
        sa.CheckConstraint("state IN ('open', 'checking', 'parting', 'decided')", name=op.f("ck_account_cases_state")),
        sa.CheckConstraint(
            "outcome IN ('handed_over', 'new_account', 'dismissed')", name=op.f("ck_account_cases_outcome")
        ),
        sa.CheckConstraint(
            "(state = 'decided') = (num_nonnulls(outcome, decided_at, due_at) = 3)",
            name=op.f("ck_account_cases_decided"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_account_cases")),
        info={"placement": "tenant", "resident_view": "none", "grants": FORGOTTEN},
    )
    op.create_index(
        "uq_account_cases_open", "account_cases", ["tenant_id", "kind", "person_id"], unique=True,
        postgresql_where="state <> 'decided'",
    )  # fmt: skip
    op.create_index(op.f("ix_account_cases_tenant_id_state_id"), "account_cases", ["tenant_id", "state", "id"])
