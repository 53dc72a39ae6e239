"""Shipments: couriers of pharmacies bring orders to the door.

Of a product, and of an order: whether it may be shipped. Whether a pharmacy ships at all. Each parcel's way.
"""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OPEN = "'asked', 'given', 'picked_up', 'under_way', 'incident'"
ENDS = "'handed_over', 'returned', 'lost', 'declined', 'called_off'"


def upgrade() -> None:
    for table in ("products", "routing_orders"):  # null in rows that are there: nobody said that they are
        op.add_column(table, sa.Column("shippable", sa.Boolean(), nullable=True))
    create_walled_table(
        "shipping_terms",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ships", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_shipping_terms")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index("uq_shipping_terms_one", "shipping_terms", ["tenant_id"], unique=True)
    create_walled_table(
        "shipments",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("destination", sa.LargeBinary(), nullable=True),
        sa.Column("courier_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"state IN ({OPEN}, {ENDS})", name=op.f("ck_shipments_state")),
        sa.CheckConstraint(f"state NOT IN ({OPEN}) OR destination IS NOT NULL", name=op.f("ck_shipments_destination")),
        sa.CheckConstraint(
            "courier_id IS NOT NULL OR state IN ('asked', 'declined', 'called_off')", name=op.f("ck_shipments_courier")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"], ["routing_orders.tenant_id", "routing_orders.id"],
            name=op.f("fk_shipments_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_shipments")),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )  # fmt: skip
    op.create_index(
        "uq_shipments_open", "shipments", ["tenant_id", "order_id"], unique=True, postgresql_where=f"state IN ({OPEN})"
    )
    op.create_index("ix_shipments_due", "shipments", ["due_at"], postgresql_where="due_at IS NOT NULL")
    for columns in (("tenant_id", "resident_id"), ("tenant_id", "state", "id"), ("tenant_id", "courier_id", "id")):
        op.create_index(op.f(f"ix_shipments_{'_'.join(columns)}"), "shipments", list(columns))


def downgrade() -> None:
    op.drop_table("shipments")
    op.drop_table("shipping_terms")
    for table in ("routing_orders", "products"):
        op.drop_column(table, "shippable")
