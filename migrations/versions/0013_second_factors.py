"""Second factors: authenticators, recovery codes, tries, and what a sign-in has proved."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _authenticators()
    _others()
    for column in (sa.Column("proved_at", sa.DateTime(timezone=True)), sa.Column("proved_by", sa.Text())):
        op.add_column("person_access_tokens", column)
    op.create_check_constraint(
        op.f("ck_person_access_tokens_proved"),
        "person_access_tokens",
        "num_nonnulls(proved_at, proved_by) IN (0, 2)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_person_access_tokens_proved"), "person_access_tokens")
    for column in ("proved_by", "proved_at"):
        op.drop_column("person_access_tokens", column)
    for table in ("recovery_codes", "factor_tries", "authenticators"):
        op.drop_table(table)


def _authenticators() -> None:
    create_walled_table(
        "authenticators",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'active') = (confirmed_at IS NOT NULL)", name=op.f("ck_authenticators_confirmed")),
        sa.CheckConstraint("(state = 'pending') = (due_at IS NOT NULL)", name=op.f("ck_authenticators_due")),
        sa.CheckConstraint("state IN ('pending', 'active')", name=op.f("ck_authenticators_state")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name=op.f("fk_authenticators_person_id")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_authenticators")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_authenticators_due", "authenticators", ["due_at"], postgresql_where="due_at IS NOT NULL")


def _others() -> None:
    create_walled_table(
        "factor_tries",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("misses", sa.BigInteger(), nullable=False),
        sa.Column("open_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name=op.f("fk_factor_tries_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_factor_tries")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "recovery_codes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hashes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.person_id"], name=op.f("fk_recovery_codes_person_id")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_recovery_codes")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE, DELETE"}},
    )
