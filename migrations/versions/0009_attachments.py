"""Pictures in visits, marks of blobs without a row, doctors in the directory and their titles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PICTURE_OF_MESSAGE = "fk_visit_messages_tenant_id_picture_id"


def upgrade() -> None:
    _blob_marks()
    _visit_pictures()
    _directory_doctors()
    op.add_column("staff", sa.Column("title", sa.Text(), nullable=True))
    op.add_column("visit_messages", sa.Column("picture_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        PICTURE_OF_MESSAGE, "visit_messages", "visit_pictures", ["tenant_id", "picture_id"], ["tenant_id", "id"],
        postgresql_not_valid=True,
    )  # fmt: skip
    op.execute(f"ALTER TABLE visit_messages VALIDATE CONSTRAINT {PICTURE_OF_MESSAGE}")


def downgrade() -> None:
    op.drop_constraint(PICTURE_OF_MESSAGE, "visit_messages", type_="foreignkey")
    op.drop_column("visit_messages", "picture_id")
    op.drop_column("staff", "title")
    for table in ("directory_doctors", "visit_pictures", "blob_marks"):
        op.drop_table(table)


def _blob_marks() -> None:
    create_walled_table(
        "blob_marks",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_blob_marks")),
        info={
            "placement": "tenant",
            "resident_view": "machinery",
            "grants": {"app": "SELECT, INSERT, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("uq_blob_marks_address", "blob_marks", ["tenant_id", "address"], unique=True)
    op.create_index("ix_blob_marks_due", "blob_marks", ["due_at"])


def _visit_pictures() -> None:
    create_walled_table(
        "visit_pictures",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("media_type IN ('image/jpeg', 'image/png')", name=op.f("ck_visit_pictures_media_type")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "visit_id"],
            ["visits.tenant_id", "visits.id"],
            name=op.f("fk_visit_pictures_tenant_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_visit_pictures")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT"}},
    )
    for column in ("visit_id", "resident_id"):
        op.create_index(op.f(f"ix_visit_pictures_tenant_id_{column}"), "visit_pictures", ["tenant_id", column])


def _directory_doctors() -> None:
    create_walled_table(
        "directory_doctors",
        sa.Column("tenant", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("subjects", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("registration_until", sa.Date(), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.Column("text_visit", sa.BigInteger(), nullable=True),
        sa.Column("offer_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_directory_doctors")),
        info={
            "placement": "reference",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE"},
            "reference_reason": (
                "changed when a doctor joins, leaves or is registered anew, read by everybody who searches"
            ),
        },
    )
    op.create_index(op.f("ix_directory_doctors_subjects"), "directory_doctors", ["subjects"], postgresql_using="gin")
