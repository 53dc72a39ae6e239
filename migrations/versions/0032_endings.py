"""What has an end now: reminding of a visit's conclusion."""

from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None

BEFORE = "(state IN ('awaiting_payment', 'paid', 'taken', 'unconcluded')) = (due_at IS NOT NULL)"
DUE = "state = 'unconcluded' OR (state IN ('awaiting_payment', 'paid', 'taken')) = (due_at IS NOT NULL)"


def upgrade() -> None:
    _checked_anew("visits", "due", DUE)


def downgrade() -> None:
    """Doctors are reminded again."""
    op.execute("UPDATE visits SET due_at = now() WHERE state = 'unconcluded' AND due_at IS NULL")
    _checked_anew("visits", "due", BEFORE)


def _checked_anew(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition, postgresql_not_valid=True)
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
