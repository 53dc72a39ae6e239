"""Numbers that persons have left; by which methods somebody signed in whom an app asks about, and when
their browser was seen last.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.walls import create_walled_table

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "phone_changes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("former", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('leading', 'left')", name=op.f("ck_phone_changes_state")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name=op.f("fk_phone_changes_person_id")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_phone_changes")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_phone_changes_due", "phone_changes", ["due_at"])
    for table in ("browser_sessions", "authorization_codes"):
        op.add_column(table, sa.Column("methods", JSONB(none_as_null=True), nullable=True))
    op.add_column("browser_sessions", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("browser_sessions", "seen_at")
    for table in ("browser_sessions", "authorization_codes"):
        op.drop_column(table, "methods")
    op.drop_table("phone_changes")
