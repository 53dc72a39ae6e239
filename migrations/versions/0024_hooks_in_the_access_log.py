"""Residents are told of hooks; pictures wait for the scanner.

Of an entry: whose data it is. Of a delivery: how often they were told. Of an access: which event a hook carried, and to
where. Of a picture: whether it was scanned, and when to try again. Of an export: its PDF, and
in which language.
"""

import sqlalchemy as sa
from alembic import op

from app.core.walls import role

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ADDED = (
    ("journal_pending", "resident_id", sa.Uuid()),
    ("deliveries", "resident_id", sa.Uuid()),
    ("deliveries", "told", sa.BigInteger()),
    ("accesses", "event", sa.Text()),
    ("accesses", "host", sa.Text()),
    ("accesses", "arrived_at", sa.DateTime(timezone=True)),
    ("visit_pictures", "scan", sa.Text()),
    ("data_exports", "language", sa.Text()),
    ("data_exports", "pdf_address", sa.Text()),
    ("visit_pictures", "due_at", sa.DateTime(timezone=True)),
)
"""All of them null in rows that are there, and in those that the former release makes meanwhile: of what it sends
nobody is told, and what it takes is not scanned.
"""
CHECKS = {
    "accesses": ("ck_accesses_hook", "(event IS NULL) = (host IS NULL)"),
    "visit_pictures": ("ck_visit_pictures_scan", "scan IN ('scanning', 'clean', 'refused')"),
}


def upgrade() -> None:
    for table, column, kind in ADDED:
        op.add_column(table, sa.Column(column, kind, nullable=True))
    for table, (check, holds) in CHECKS.items():
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({holds}) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {check}")
    op.alter_column("visit_pictures", "address", nullable=True)
    op.create_index("ix_visit_pictures_due", "visit_pictures", ["due_at"], postgresql_where="due_at IS NOT NULL")
    discovery = _discovery()
    op.execute(
        f"CREATE POLICY visit_pictures_work ON visit_pictures FOR SELECT TO {discovery} USING (due_at IS NOT NULL)"
    )
    op.execute(f"GRANT SELECT (tenant_id, due_at) ON visit_pictures TO {discovery}")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT (tenant_id, due_at) ON visit_pictures FROM {_discovery()}")  # noqa: S608  # names of our own
    op.execute("DROP POLICY visit_pictures_work ON visit_pictures")
    op.drop_index("ix_visit_pictures_due", table_name="visit_pictures")
    op.execute("UPDATE visit_pictures SET address = '' WHERE address IS NULL")
    op.alter_column("visit_pictures", "address", nullable=False)
    for table, (check, _) in CHECKS.items():
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
    for table, column, _ in reversed(ADDED):
        op.drop_column(table, column)


def _discovery() -> str:
    return role(str(op.get_bind().engine.url.database), "discovery")
