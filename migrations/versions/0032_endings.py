"""What has an end now: reminding of a visit's conclusion, asking a scheme to reverse."""

import sqlalchemy as sa
from alembic import op

from app.core.walls import role

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BEFORE = "(state IN ('awaiting_payment', 'paid', 'taken', 'unconcluded')) = (due_at IS NOT NULL)"
DUE = "state = 'unconcluded' OR (state IN ('awaiting_payment', 'paid', 'taken')) = (due_at IS NOT NULL)"
ASKING = "(state IN ('asked', 'committing', 'reversing')) = (due_at IS NOT NULL%s)"
GIVEN_UP = "given_up_at IS NULL OR (state = 'reversing' AND due_at IS NULL)"
REVERSED_BY = "(reversed_by IS NULL) = (reversal_reference IS NULL) AND (reversed_by IS NULL OR state = 'reversed')"
OF_SETTLEMENTS = ("given_up_at", "reversed_by", "reversal_reference")


def upgrade() -> None:
    _checked_anew("visits", "due", DUE)
    op.add_column("settlements", sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("settlements", sa.Column("reversed_by", sa.Text(), nullable=True))
    op.add_column("settlements", sa.Column("reversal_reference", sa.Text(), nullable=True))
    _checked_anew("settlements", "due", ASKING % " OR given_up_at IS NOT NULL")
    _check("settlements", "given_up", GIVEN_UP)
    _check("settlements", "reversed_by", REVERSED_BY)
    op.create_index(
        "ix_settlements_given_up", "settlements", ["tenant_id", "id"], postgresql_where="given_up_at IS NOT NULL"
    )
    op.execute(f"GRANT SELECT (given_up_at) ON settlements TO {_discovery()}")
    op.execute("ALTER POLICY settlements_work ON settlements USING (due_at IS NOT NULL OR given_up_at IS NOT NULL)")


def downgrade() -> None:
    """Doctors are reminded again, and schemes are asked again."""
    op.execute("ALTER POLICY settlements_work ON settlements USING (due_at IS NOT NULL)")
    op.drop_index("ix_settlements_given_up", "settlements")
    for name in ("given_up", "reversed_by"):
        op.drop_constraint(op.f(f"ck_settlements_{name}"), "settlements", type_="check")
    op.execute("UPDATE settlements SET due_at = now() WHERE given_up_at IS NOT NULL")
    _checked_anew("settlements", "due", ASKING % "")
    for column in OF_SETTLEMENTS:
        op.drop_column("settlements", column)
    op.execute("UPDATE visits SET due_at = now() WHERE state = 'unconcluded' AND due_at IS NULL")
    _checked_anew("visits", "due", BEFORE)


def _checked_anew(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    _check(table, name, condition)


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition, postgresql_not_valid=True)
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")


def _discovery() -> str:
    return role(str(op.get_bind().engine.url.database), "discovery")
