"""Sign-ins that people see, end and forget; codes counted by address; countable alarms; changes of endpoints."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.core.walls import role
from migrations.walls import create_walled_table

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TOKENS = {"access_tokens": "tenant_id", "person_access_tokens": "person_id"}
"""Tables of tokens, and the column of their owner."""
ALARMS = ("relays", "person_relays", "deliveries")
"""Tables in which something may wait for an operator."""


def upgrade() -> None:
    _sign_ins()
    _forgetting()
    _addresses()
    _alarms()
    _endpoints()


def downgrade() -> None:
    _no_endpoints()
    _no_alarms()
    op.drop_table("code_addresses")
    _not_forgetting()
    _no_sign_ins()


def _role(name: str) -> str:
    return role(str(op.get_bind().engine.url.database), name)


def _sign_ins() -> None:
    op.add_column("access_tokens", sa.Column("sign_in_id", sa.Uuid(), nullable=True))
    op.alter_column("person_access_tokens", "secret_hash", nullable=True)
    columns: Sequence[sa.Column[object]] = (
        sa.Column("tenant", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("sign_in_id", sa.Uuid(), nullable=True),
        sa.Column("used_on", sa.Date(), nullable=True),
    )
    for column in columns:
        op.add_column("person_access_tokens", column)
    for name, rule in (
        ("ck_person_access_tokens_kind", "num_nonnulls(secret_hash, staff_id) = 1"),
        ("ck_person_access_tokens_staff", "num_nonnulls(staff_id, tenant, sign_in_id) IN (0, 3)"),
    ):
        op.create_check_constraint(op.f(name), "person_access_tokens", rule)


def _no_sign_ins() -> None:
    """What people did as staff is signed out."""
    for name in ("ck_person_access_tokens_staff", "ck_person_access_tokens_kind"):
        op.drop_constraint(op.f(name), "person_access_tokens")
    op.execute("DELETE FROM person_access_tokens WHERE secret_hash IS NULL")
    op.execute("DELETE FROM access_tokens WHERE sign_in_id IS NOT NULL")
    for name in ("used_on", "sign_in_id", "staff_id", "tenant"):
        op.drop_column("person_access_tokens", name)
    op.alter_column("person_access_tokens", "secret_hash", nullable=False)
    op.drop_column("access_tokens", "sign_in_id")


def _forgetting() -> None:
    discovery, app = _role("discovery"), _role("app")
    for table, owner in TOKENS.items():
        op.add_column(table, sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        op.execute(f"UPDATE {table} SET due_at = expires_at + interval '7 days'")  # noqa: S608  # names of our own
        op.create_index(f"ix_{table}_due", table, ["due_at"], postgresql_where="due_at IS NOT NULL")
        op.execute(f"CREATE POLICY {table}_work ON {table} FOR SELECT TO {discovery} USING (due_at IS NOT NULL)")
        op.execute(f"GRANT SELECT ({owner}, due_at) ON {table} TO {discovery}")
        op.execute(f"GRANT DELETE ON {table} TO {app}")


def _not_forgetting() -> None:
    discovery, app = _role("discovery"), _role("app")
    for table, owner in TOKENS.items():
        op.execute(f"REVOKE DELETE ON {table} FROM {app}")
        op.execute(f"REVOKE SELECT ({owner}, due_at) ON {table} FROM {discovery}")  # noqa: S608  # as above
        op.execute(f"DROP POLICY {table}_work ON {table}")
        op.drop_index(f"ix_{table}_due", table_name=table, postgresql_where="due_at IS NOT NULL")
        op.drop_column(table, "due_at")


def _addresses() -> None:
    create_walled_table(
        "code_addresses",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_code_addresses")),
        info={"placement": "key", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )


def _alarms() -> None:
    """Discovery counts what is stuck or exhausted, and sees which revision the schema has."""
    discovery = _role("discovery")
    for table in ALARMS:
        seen = "due_at IS NOT NULL OR state IN ('stuck', 'exhausted')"
        op.execute(f"ALTER POLICY {table}_work ON {table} USING ({seen})")
        op.execute(f"GRANT SELECT (state) ON {table} TO {discovery}")
    op.create_index("ix_deliveries_exhausted", "deliveries", ["tenant_id"], postgresql_where="state = 'exhausted'")
    op.execute(f"GRANT SELECT ON alembic_version TO {discovery}")


def _no_alarms() -> None:
    discovery = _role("discovery")
    op.execute(f"REVOKE SELECT ON alembic_version FROM {discovery}")  # noqa: S608  # as above
    op.drop_index("ix_deliveries_exhausted", table_name="deliveries", postgresql_where="state = 'exhausted'")
    for table in ALARMS:
        op.execute(f"REVOKE SELECT (state) ON {table} FROM {discovery}")  # noqa: S608  # as above
        op.execute(f"ALTER POLICY {table}_work ON {table} USING (due_at IS NOT NULL)")


def _endpoints() -> None:
    op.add_column("webhook_endpoints", sa.Column("next_url", sa.Text(), nullable=True))
    _endpoint_states("'unverified', 'active', 'disabled', 'deleted'")


def _no_endpoints() -> None:
    """What was deleted is disabled again, with a secret that nobody can open."""
    op.execute("UPDATE webhook_endpoints SET state = 'disabled' WHERE state = 'deleted'")
    _endpoint_states("'unverified', 'active', 'disabled'")
    op.drop_column("webhook_endpoints", "next_url")


def _endpoint_states(states: str) -> None:
    name = op.f("ck_webhook_endpoints_state")
    op.drop_constraint(name, "webhook_endpoints")
    op.create_check_constraint(name, "webhook_endpoints", f"state IN ({states})")
