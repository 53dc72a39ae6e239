"""Signed checkpoints of journals; what re-encryption needs: blobs' rows that change, and hooks that are found."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.walls import role
from migrations.walls import create_walled_table

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

HEADS = {"journal_heads": "tenant_id", "person_journal_heads": "person_id"}
CHECKPOINTS = {"journal_checkpoints": "tenant_id", "person_journal_checkpoints": "person_id"}
INFO: dict[str, Any] = {
    "resident_view": "machinery",
    "grants": {"sealer": "SELECT, INSERT", "discovery": "SELECT ({owner})"},
}


def upgrade() -> None:
    for table, owner in HEADS.items():
        _due(table, owner)
    for table, owner in CHECKPOINTS.items():
        _checkpoints(table, owner)
    op.execute(f"GRANT UPDATE ON visit_pictures TO {_role('app')}")
    op.execute(f"CREATE POLICY gateway_hooks_work ON gateway_hooks FOR SELECT TO {_role('discovery')} USING (true)")
    op.execute(f"GRANT SELECT (key) ON gateway_hooks TO {_role('discovery')}")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT (key) ON gateway_hooks FROM {_role('discovery')}")  # noqa: S608  # as below
    op.execute("DROP POLICY gateway_hooks_work ON gateway_hooks")
    op.execute(f"REVOKE UPDATE ON visit_pictures FROM {_role('app')}")
    for table in CHECKPOINTS:
        op.drop_table(table)
    for table in HEADS:
        _not_due(table)


def _role(name: str) -> str:
    return role(str(op.get_bind().engine.url.database), name)


def _due(table: str, owner: str) -> None:
    """Chains that are there are signed soon; those that the former release opens meanwhile once they grow."""
    discovery = _role("discovery")
    op.add_column(table, sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"UPDATE {table} SET due_at = CASE seq WHEN 0 THEN '9999-01-01T00:00Z' ELSE now() END")  # noqa: S608  # names of our own
    op.create_index(f"ix_{table}_due", table, ["due_at"])
    op.execute(f"DROP POLICY {table}_work ON {table}")
    op.execute(f"CREATE POLICY {table}_work ON {table} FOR SELECT TO {discovery} USING (due_at IS NOT NULL)")
    op.execute(f"GRANT SELECT ({owner}, due_at) ON {table} TO {discovery}")


def _not_due(table: str) -> None:
    discovery = _role("discovery")
    op.execute(f"DROP POLICY {table}_work ON {table}")
    op.execute(f"CREATE POLICY {table}_work ON {table} FOR SELECT TO {discovery} USING (true)")
    op.execute(f"REVOKE SELECT (due_at) ON {table} FROM {discovery}")  # noqa: S608  # as above
    op.drop_index(f"ix_{table}_due", table_name=table)
    op.drop_column(table, "due_at")


def _checkpoints(table: str, owner: str) -> None:
    create_walled_table(
        table,
        sa.Column(owner, sa.BigInteger() if owner == "tenant_id" else sa.Uuid(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(owner, "id", name=op.f(f"pk_{table}")),
        info={"placement": owner.removesuffix("_id"), **INFO},
    )
    op.create_index(op.f(f"ix_{table}_{owner}_seq"), table, [owner, "seq"])
