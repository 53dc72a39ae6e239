"""When somebody said in which language they are written to."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("persons", sa.Column("locale_chosen_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE persons SET locale_chosen_at = created_at WHERE locale <> 'zh-CN'"
    )  # no default: it was asked for


def downgrade() -> None:
    op.drop_column("persons", "locale_chosen_at")
