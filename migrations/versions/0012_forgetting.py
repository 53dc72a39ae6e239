"""When rows may be forgotten: counts of codes, reservations, marks of looks, quotes, relays, ended orders."""

import sqlalchemy as sa
from alembic import op

from app.core.walls import role

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FORGOTTEN = {
    "phone_challenges": ("key", "expires_at + interval '25 hours'", "true"),
    "code_addresses": ("key", "now() + interval '1 hour'", "true"),
    "logins": ("key", "reserved_at + interval '1 day'", "state = 'reserved'"),
    "identity_numbers": ("key", "reserved_at + interval '1 day'", "true"),
    "cards": ("key", "reserved_at + interval '1 day'", "true"),
    "looks": ("tenant_id", "quarter + interval '1 hour'", "true"),
    "care_looks": ("person_id", "quarter + interval '1 hour'", "true"),
    "quotes": (
        "tenant_id",
        "valid_until + interval '7 days'",
        "NOT EXISTS (SELECT FROM routing_orders o WHERE o.tenant_id = quotes.tenant_id AND o.quote_id = quotes.id)",
    ),
    "prescription_choices": ("tenant_id", "valid_until + interval '7 days'", "state = 'shown'"),
}
"""Table, column of its owner, when a row that is there may go, and which of them may."""
CARRIED = {"relays": "relay_inbox", "person_relays": "person_relay_inbox"}
LIVE = "'offered', 'accepted', 'checked', 'preparing', 'prepared'"
CONTENTS = ("content", "lines")


def upgrade() -> None:
    _forgotten()
    _relays()
    _orders()
    for column in (sa.Column("quotes_asked", sa.BigInteger()), sa.Column("quotes_since", sa.DateTime(timezone=True))):
        op.add_column("prescriptions", column)


def downgrade() -> None:
    for name in ("quotes_since", "quotes_asked"):
        op.drop_column("prescriptions", name)
    _no_orders()
    _no_relays()
    _not_forgotten()


def _role(name: str) -> str:
    return role(str(op.get_bind().engine.url.database), name)


def _forgotten() -> None:
    discovery, app = _role("discovery"), _role("app")
    for table, (owner, when, which) in FORGOTTEN.items():
        op.add_column(table, sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        op.execute(f"UPDATE {table} SET due_at = {when} WHERE {which}")  # noqa: S608  # names of our own
        op.create_index(f"ix_{table}_due", table, ["due_at"], postgresql_where="due_at IS NOT NULL")
        op.execute(f"CREATE POLICY {table}_work ON {table} FOR SELECT TO {discovery} USING (due_at IS NOT NULL)")
        op.execute(f"GRANT SELECT ({owner}, due_at) ON {table} TO {discovery}")
        op.execute(f"GRANT DELETE ON {table} TO {app}")


def _not_forgotten() -> None:
    discovery, app = _role("discovery"), _role("app")
    for table, (owner, _, _) in FORGOTTEN.items():
        op.execute(f"REVOKE DELETE ON {table} FROM {app}")
        op.execute(f"REVOKE SELECT ({owner}, due_at) ON {table} FROM {discovery}")  # noqa: S608  # as above
        op.execute(f"DROP POLICY {table}_work ON {table}")
        op.drop_index(f"ix_{table}_due", table_name=table, postgresql_where="due_at IS NOT NULL")
        op.drop_column(table, "due_at")


def _relays() -> None:
    """A relay's row goes some time after its payload, and with it what its taker noted."""
    app = _role("app")
    for relays, inbox in CARRIED.items():
        over = "state = 'acknowledged' AND due_at IS NULL"
        op.execute(f"UPDATE {relays} SET due_at = acknowledged_at + interval '90 days' WHERE {over}")  # noqa: S608  # as above
        op.execute(f"GRANT DELETE ON {relays}, {inbox} TO {app}")


def _no_relays() -> None:
    app = _role("app")
    for relays, inbox in CARRIED.items():
        op.execute(f"REVOKE DELETE ON {relays}, {inbox} FROM {app}")
        op.execute(f"UPDATE {relays} SET due_at = NULL WHERE state = 'acknowledged' AND payload IS NULL")  # noqa: S608  # as above


def _orders() -> None:
    """What a pharmacy was sent of an order that ended without hand-over goes after a month."""
    for column in CONTENTS:
        op.alter_column("routing_orders", column, nullable=True)
    _order_rules(
        due=f"state NOT IN ({LIVE}) OR due_at IS NOT NULL",
        content=f"num_nonnulls(content, lines) = 2 OR state NOT IN ({LIVE}, 'fulfilled')",
    )
    ended = f"state NOT IN ({LIVE}, 'fulfilled')"
    op.execute(f"UPDATE routing_orders SET due_at = now() + interval '30 days' WHERE {ended}")  # noqa: S608  # as above


def _no_orders() -> None:
    """What was forgotten stays so."""
    op.execute(f"UPDATE routing_orders SET due_at = NULL WHERE state NOT IN ({LIVE})")  # noqa: S608  # as above
    op.execute("UPDATE routing_orders SET content = coalesce(content, ''), lines = coalesce(lines, '')")
    _order_rules(due=f"(state IN ({LIVE})) = (due_at IS NOT NULL)", content=None)
    for column in CONTENTS:
        op.alter_column("routing_orders", column, nullable=False)


def _order_rules(due: str, content: str | None) -> None:
    op.drop_constraint(op.f("ck_routing_orders_due"), "routing_orders")
    op.create_check_constraint(op.f("ck_routing_orders_due"), "routing_orders", due)
    if content is None:
        op.drop_constraint(op.f("ck_routing_orders_content"), "routing_orders")
    else:
        op.create_check_constraint(op.f("ck_routing_orders_content"), "routing_orders", content)
