"""A resident has one open visit with a doctor in a subject."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

OPEN = "state IN ('awaiting_payment', 'paid', 'taken')"
FIRST = f"""
    UPDATE visits SET sole = true FROM (
        SELECT DISTINCT ON (tenant_id, resident_id, doctor_id, subject) tenant_id, id FROM visits WHERE {OPEN}
         ORDER BY tenant_id, resident_id, doctor_id, subject, id
    ) AS first WHERE first.tenant_id = visits.tenant_id AND first.id = visits.id
"""  # noqa: S608  # a condition of our own
"""Of those that are open the oldest: others that stand beside it end as they would have."""


def upgrade() -> None:
    op.add_column("visits", sa.Column("sole", sa.Boolean(), nullable=True))
    op.execute(FIRST)
    op.create_index(
        "uq_visits_open", "visits", ["tenant_id", "resident_id", "doctor_id", "subject"], unique=True,
        postgresql_where=f"sole AND {OPEN}",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("uq_visits_open", "visits")
    op.drop_column("visits", "sole")
