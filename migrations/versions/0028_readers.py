"""Whose data an event is, for those who read the feed; who asked for an export in another's place; who may take an
account over that guardians opened; research projects.
"""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FORGOTTEN = {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"}


def upgrade() -> None:
    op.add_column("journal", sa.Column("resident_id", sa.Uuid(), nullable=True))
    op.add_column("data_exports", sa.Column("asker_id", sa.Uuid(), nullable=True))
    create_walled_table(
        "claim_permits",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claimant_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_claim_permits")),
        info={"placement": "person", "resident_view": "none", "grants": FORGOTTEN},
    )
    op.create_index("ix_claim_permits_due", "claim_permits", ["due_at"])
    _research_projects()


def downgrade() -> None:
    op.drop_table("research_projects")
    op.drop_table("claim_permits")
    op.drop_column("data_exports", "asker_id")
    op.drop_column("journal", "resident_id")


def _research_projects() -> None:
    create_walled_table(
        "research_projects",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('running', 'ended')", name=op.f("ck_research_projects_state")),
        sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_research_projects_ended")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_research_projects")),
        info={
            "placement": "tenant",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE"},
        },
    )
