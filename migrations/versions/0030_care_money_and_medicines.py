"""What is done about visits that are left open, about refunds that are given up and relays that stay."""

import sqlalchemy as sa
from alembic import op

from app.core.walls import deletable, role

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

STATES = (
    "state IN ('awaiting_payment', 'paid', 'taken', %s'declined', 'not_taken', 'canceled', 'completed', 'stopped', "
    "'abandoned')"
)
RELAYS = ("relays", "person_relays")
RENAMED = {
    "claims": ("denied", "turned_away"),
    "corrections": ("refused", "declined"),
    "civil_papers": ("refused", "rejected"),
    "person_corrections": ("refused", "declined"),
}
"""States that are called otherwise now. Both words may stand for now: processes of the release before write the former
one (`app/core/renamed.py`, which says what the next releases do).
"""
CHECKS = {
    ("claims", "state"): "state IN ('submitted', 'accepted', 'withdrawing', 'decided', 'settled', {0}, 'withdrawn')",
    ("corrections", "state"): "state IN ('open', 'corrected', {0})",
    ("corrections", "reason"): "(state IN ({0})) = (reason IS NOT NULL)",
    ("corrections", "statement"): "statement IS NULL OR state IN ({0})",
    ("civil_papers", "state"): "state IN ('submitted', 'accepted', {0})",
}
SWEPT = "state = 'acknowledged' AND payload IS NULL"
KEPT_OF_SCHEMES = {"settlements": "scheme_url", "scheme_connections": "former_keys"}
REFUND_STATES = "state IN ('requested', 'unknown', 'pending', 'succeeded', 'failed'%s)"
OTHERWISE = (
    "(state = 'paid_otherwise') = (otherwise_reason IS NOT NULL)"
    " AND (state = 'paid_otherwise') = (transfer_reference IS NOT NULL)"
)
GIVEN_UP = """
    UPDATE refunds SET given_up_at = created_at FROM (
        SELECT failed.tenant_id, failed.id, paid - refunded - in_flight AS room,
               sum(failed.amount) OVER (PARTITION BY failed.tenant_id, payment_id ORDER BY failed.id) AS wanted
          FROM refunds AS failed JOIN payments ON payments.tenant_id = failed.tenant_id AND payments.id = payment_id
         WHERE failed.state = 'failed' AND NOT EXISTS (
               SELECT FROM refunds AS later WHERE later.tenant_id = failed.tenant_id
                  AND later.origin_id = failed.origin_id AND later.attempt > failed.attempt)
    ) AS last WHERE last.tenant_id = refunds.tenant_id AND last.id = refunds.id AND wanted <= room
"""
"""The last attempts that failed, as far as the money was not given back otherwise meanwhile."""
RESERVED = """
    UPDATE payments SET in_flight = in_flight %s waiting.amount FROM (
        SELECT tenant_id, payment_id, sum(amount) AS amount FROM refunds WHERE given_up_at IS NOT NULL
         GROUP BY tenant_id, payment_id
    ) AS waiting WHERE waiting.tenant_id = payments.tenant_id AND waiting.payment_id = payments.id
"""
DUE = "(state IN ('awaiting_payment', 'paid', 'taken'%s)) = (due_at IS NOT NULL)"


def upgrade() -> None:
    _visits()
    _refunds()
    _settlements()
    for table in RELAYS:
        op.execute(deletable(_database(), table, SWEPT))
    for table, words in RENAMED.items():
        _admit(table, *words)


def downgrade() -> None:
    """Visits that wait for their conclusion go back to where the former release ends them."""
    for table, (former, later) in RENAMED.items():
        op.execute(f"UPDATE {table} SET state = '{former}' WHERE state = '{later}'")  # noqa: S608  # names of our own
        _admit(table, former)
    for table in RELAYS:
        op.execute(f"DROP POLICY {table}_deletable ON {table}")
    for table, column in KEPT_OF_SCHEMES.items():
        op.drop_column(table, column)
    _refunds_as_they_were()
    _visits_as_they_were()


def _database() -> str:
    return str(op.get_bind().engine.url.database)


def _discovery() -> str:
    return role(_database(), "discovery")


def _check(table: str, name: str, condition: str) -> None:
    """Added, then validated. All migrations are one transaction, so whoever uses the table waits until it commits; one
    that cannot have the table within `LOCK_TIMEOUT` gives up.
    """
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition, postgresql_not_valid=True)
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")


def _checked_anew(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    _check(table, name, condition)


def _visits() -> None:
    op.add_column("visits", sa.Column("prescribed", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE visits SET prescribed = standing.many FROM ("
        "SELECT tenant_id, visit_id, count(*) AS many FROM prescriptions"
        " WHERE signed_at IS NOT NULL AND state NOT IN ('review_rejected', 'withdrawn') GROUP BY tenant_id, visit_id"
        ") AS standing WHERE standing.tenant_id = visits.tenant_id AND standing.visit_id = visits.id"
    )
    _check("visits", "prescribed", "prescribed >= 0")
    _checked_anew("visits", "state", STATES % "'unconcluded', ")
    _checked_anew("visits", "due", DUE % ", 'unconcluded'")
    op.create_index(
        "ix_visits_unconcluded", "visits", ["tenant_id", "id"], postgresql_where="state = 'unconcluded'"
    )  # fmt: skip


def _visits_as_they_were() -> None:
    op.drop_index("ix_visits_unconcluded", "visits")
    op.execute("UPDATE visits SET state = 'taken' WHERE state = 'unconcluded'")
    _checked_anew("visits", "due", DUE % "")
    _checked_anew("visits", "state", STATES % "")
    op.drop_constraint(op.f("ck_visits_prescribed"), "visits", type_="check")
    op.drop_column("visits", "prescribed")


def _refunds() -> None:
    op.add_column("refunds", sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("refunds", sa.Column("otherwise_reason", sa.Text(), nullable=True))
    op.add_column("refunds", sa.Column("transfer_reference", sa.Text(), nullable=True))
    op.execute(GIVEN_UP)
    op.execute(RESERVED % "+")
    _checked_anew("refunds", "state", REFUND_STATES % ", 'paid_otherwise'")
    _check("refunds", "given_up", "given_up_at IS NULL OR state = 'failed'")
    _check("refunds", "otherwise", OTHERWISE)
    op.create_index("ix_refunds_given_up", "refunds", ["tenant_id", "id"], postgresql_where="given_up_at IS NOT NULL")
    op.execute(f"GRANT SELECT (given_up_at) ON refunds TO {_discovery()}")
    op.execute("ALTER POLICY refunds_work ON refunds USING (due_at IS NOT NULL OR given_up_at IS NOT NULL)")


def _settlements() -> None:
    """What a scheme was asked to settle was asked where it is reached now."""
    op.add_column("scheme_connections", sa.Column("former_keys", sa.LargeBinary(), nullable=True))
    op.add_column("settlements", sa.Column("scheme_url", sa.Text(), nullable=True))
    op.execute(
        "UPDATE settlements SET scheme_url = c.url FROM scheme_connections c"
        " WHERE c.tenant_id = settlements.tenant_id AND c.insurer = settlements.insurer"
        " AND settlements.payer = 'public_scheme' AND settlements.state IN ('committing', 'committed', 'reversing')"
    )


def _refunds_as_they_were() -> None:
    op.execute("ALTER POLICY refunds_work ON refunds USING (due_at IS NOT NULL)")
    op.drop_index("ix_refunds_given_up", "refunds")
    for check in ("given_up", "otherwise"):
        op.drop_constraint(op.f(f"ck_refunds_{check}"), "refunds", type_="check")
    op.execute(RESERVED % "-")
    op.execute("UPDATE refunds SET state = 'succeeded' WHERE state = 'paid_otherwise'")
    _checked_anew("refunds", "state", REFUND_STATES % "")
    for column in ("given_up_at", "otherwise_reason", "transfer_reference"):
        op.drop_column("refunds", column)


def _admit(table: str, *words: str) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    for (of, name), rule in CHECKS.items():
        if of == table:
            _checked_anew(table, name, rule.format(listed))
