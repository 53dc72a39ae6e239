"""Tenants: applications, profiles, licenses, staff, affiliations, the directory, counters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "directory_tenants",
        sa.Column("tenant", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("licenses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_directory_tenants")),
        info={
            "placement": "reference",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE"},
            "reference_reason": "changed when a tenant opens or its papers change, read by everybody who searches",
        },
    )
    create_walled_table(
        "licenses",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subjects", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('submitted', 'valid', 'rejected', 'replaced', 'revoked')", name=op.f("ck_licenses_state")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_licenses")),
        info={"placement": "tenant", "resident_view": "public", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        "uq_licenses_submitted",
        "licenses",
        ["tenant_id", "kind", "number"],
        unique=True,
        postgresql_where="state = 'submitted'",
    )
    op.create_index(
        "uq_licenses_valid",
        "licenses",
        ["tenant_id", "kind", "number"],
        unique=True,
        postgresql_where="state = 'valid'",
    )
    create_walled_table(
        "license_reviews",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('submitted', 'approved', 'rejected')", name=op.f("ck_license_reviews_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_license_reviews")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_license_reviews_tenant_id_state_id"), "license_reviews", ["tenant_id", "state", "id"], unique=False
    )
    create_walled_table(
        "organization_applications",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("documents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("opened", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('submitted', 'approved', 'rejected')", name=op.f("ck_organization_applications_state")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_organization_applications")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_organization_applications_tenant_id_opened"),
        "organization_applications",
        ["tenant_id", "opened"],
        unique=True,
        postgresql_where="opened IS NOT NULL",
    )
    op.create_index(
        op.f("ix_organization_applications_tenant_id_resident_id"),
        "organization_applications",
        ["tenant_id", "resident_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_organization_applications_tenant_id_state_id"),
        "organization_applications",
        ["tenant_id", "state", "id"],
        unique=False,
    )
    create_walled_table(
        "person_affiliations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("tenant_name", sa.Text(), nullable=False),
        sa.Column("tenant_kind", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_affiliations")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "staff",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subjects", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=True),
        sa.Column("registration_until", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=True),
        sa.Column("invitation_hash", sa.Text(), nullable=True),
        sa.Column("invitation_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state = 'ended' OR (state = 'invited') = (person_id IS NULL)", name=op.f("ck_staff_person")
        ),
        sa.CheckConstraint("state IN ('invited', 'active', 'ended')", name=op.f("ck_staff_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_staff")),
        info={"placement": "tenant", "resident_view": "public", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(op.f("ix_staff_tenant_id_person_id"), "staff", ["tenant_id", "person_id"], unique=False)
    create_walled_table(
        "tenant_counters",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_tenant_counters")),
        info={"placement": "tenant", "resident_view": "machinery", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "tenant_profiles",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("suspension_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended')", name=op.f("ck_tenant_profiles_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tenant_profiles")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_tenant_profiles_tenant_id")),
        info={"placement": "tenant", "resident_view": "public", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )


def downgrade() -> None:
    op.drop_table("tenant_profiles")
    op.drop_table("tenant_counters")
    op.drop_index(op.f("ix_staff_tenant_id_person_id"), table_name="staff")
    op.drop_table("staff")
    op.drop_table("person_affiliations")
    op.drop_index(op.f("ix_organization_applications_tenant_id_state_id"), table_name="organization_applications")
    op.drop_index(op.f("ix_organization_applications_tenant_id_resident_id"), table_name="organization_applications")
    op.drop_index(op.f("ix_organization_applications_tenant_id_opened"), table_name="organization_applications")
    op.drop_table("organization_applications")
    op.drop_index(op.f("ix_license_reviews_tenant_id_state_id"), table_name="license_reviews")
    op.drop_table("license_reviews")
    op.drop_index("uq_licenses_valid", table_name="licenses")
    op.drop_index("uq_licenses_submitted", table_name="licenses")
    op.drop_table("licenses")
    op.drop_table("directory_tenants")
