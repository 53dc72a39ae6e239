"""Schemes are asked on to reverse what was given up, and by the clock until then.

A process of the release before gives up with nothing due: what it gives up in the meantime waits for people alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BEFORE = "given_up_at IS NULL OR (state = 'reversing' AND due_at IS NULL)"
GIVEN_UP = "given_up_at IS NULL OR state = 'reversing'"


def upgrade() -> None:
    op.add_column("settlements", sa.Column("asking_since", sa.DateTime(timezone=True), nullable=True))
    _checked_anew(GIVEN_UP)
    op.execute("UPDATE settlements SET due_at = now() WHERE given_up_at IS NOT NULL")


def downgrade() -> None:
    """What was given up waits for people alone again."""
    op.execute("UPDATE settlements SET due_at = NULL WHERE given_up_at IS NOT NULL")
    _checked_anew(BEFORE)
    op.drop_column("settlements", "asking_since")


def _checked_anew(condition: str) -> None:
    name = op.f("ck_settlements_given_up")
    op.drop_constraint(name, "settlements", type_="check")
    op.create_check_constraint(name, "settlements", condition, postgresql_not_valid=True)
    op.execute(f"ALTER TABLE settlements VALIDATE CONSTRAINT {name}")
