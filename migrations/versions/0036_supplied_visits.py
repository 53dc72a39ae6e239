"""A visit knows that what was prescribed in it was handed over.

A visit whose medicines a process of the release before notes as handed over does not know it: medical affairs may end
it as they could before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KNOWN = """
    UPDATE visits SET supplied = true FROM prescriptions
     WHERE prescriptions.tenant_id = visits.tenant_id AND prescriptions.visit_id = visits.id
       AND prescriptions.state = 'completed' AND visits.state IN ('taken', 'unconcluded')
"""
"""Of visits that may still end as no care."""


def upgrade() -> None:
    op.add_column("visits", sa.Column("supplied", sa.Boolean(), nullable=True))
    op.execute(KNOWN)


def downgrade() -> None:
    op.drop_column("visits", "supplied")
