"""Tables through which the worker's steps hand each other work are vacuumed soon, however much is kept in them; whose
deliveries wait is found without reading all that wait.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

QUEUES = ("journal_pending", "person_journal_pending", "relays", "person_relays", "deliveries")
OPTIONS = {"autovacuum_vacuum_scale_factor": "0.02", "autovacuum_vacuum_threshold": "1000"}


def upgrade() -> None:
    wanted = ", ".join(f"{name} = {value}" for name, value in OPTIONS.items())
    for table in QUEUES:
        op.execute(f"ALTER TABLE {table} SET ({wanted})")
    waits = sa.text("due_at IS NOT NULL")
    op.create_index("ix_deliveries_waiting", "deliveries", ["tenant_id", "due_at"], postgresql_where=waits)


def downgrade() -> None:
    op.drop_index("ix_deliveries_waiting", "deliveries")
    for table in QUEUES:
        op.execute(f"ALTER TABLE {table} RESET ({', '.join(OPTIONS)})")
