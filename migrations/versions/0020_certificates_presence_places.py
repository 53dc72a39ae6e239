"""Certificates of signing keys, time stamps of signatures; presence of clinicians, and where they may practise."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

DUE = {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"}

PLACE = ("registration_authority", "home_institution")


def upgrade() -> None:
    _certificates()
    _want_certificates()
    _stamps()
    for name in PLACE:
        op.add_column("staff", sa.Column(name, sa.Text(), nullable=True))
    _presences()
    _consents()


def downgrade() -> None:
    for table in ("home_consents", "presences"):
        op.drop_table(table)
    for name in PLACE:
        op.drop_column("staff", name)
    op.drop_table("signature_stamps")
    op.drop_table("signing_certificates")


def _certificates() -> None:
    create_walled_table(
        "signing_certificates",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("chain", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('wanted', 'issued', 'revoked', 'refused')", name=op.f("ck_signing_certificates_state")
        ),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_at IS NOT NULL)", name=op.f("ck_signing_certificates_revoked")
        ),
        sa.CheckConstraint(
            "num_nonnulls(serial, chain, not_before, not_after) IN (0, 4)", name=op.f("ck_signing_certificates_issued")
        ),
        sa.CheckConstraint("state <> 'issued' OR serial IS NOT NULL", name=op.f("ck_signing_certificates_certificate")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "key_id"], ["signing_keys.tenant_id", "signing_keys.id"],
            name=op.f("fk_signing_certificates_tenant_id_key_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_signing_certificates")),
        info={"placement": "tenant", "resident_view": "public", "grants": DUE},
    )  # fmt: skip
    op.create_index(
        "uq_signing_certificates_wanted", "signing_certificates", ["tenant_id", "key_id"], unique=True,
        postgresql_where="state = 'wanted'",
    )  # fmt: skip
    op.create_index(
        op.f("ix_signing_certificates_tenant_id_key_id_id"), "signing_certificates", ["tenant_id", "key_id", "id"]
    )
    op.create_index(
        "ix_signing_certificates_due", "signing_certificates", ["due_at"], postgresql_where="due_at IS NOT NULL"
    )


def _stamps() -> None:
    create_walled_table(
        "signature_stamps",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(token IS NULL) = (stamped_at IS NULL)", name=op.f("ck_signature_stamps_stamped")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_signature_stamps")),
        info={"placement": "tenant", "resident_view": "public", "grants": DUE},
    )
    op.create_index("uq_signature_stamps_digest", "signature_stamps", ["tenant_id", "digest"], unique=True)
    op.create_index("ix_signature_stamps_due", "signature_stamps", ["due_at"], postgresql_where="due_at IS NOT NULL")


def _presences() -> None:
    create_walled_table(
        "presences",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.CheckConstraint("method IN ('second_factor', 'face')", name=op.f("ck_presences_method")),
        sa.CheckConstraint("ended_by IN ('hours', 'day', 'least')", name=op.f("ck_presences_ended_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "staff_id"], ["staff.tenant_id", "staff.id"], name=op.f("fk_presences_tenant_id_staff_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_presences")),
        info={
            "placement": "tenant",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(op.f("ix_presences_tenant_id_staff_id_due_at"), "presences", ["tenant_id", "staff_id", "due_at"])
    op.create_index("ix_presences_due", "presences", ["due_at"])


def _consents() -> None:
    create_walled_table(
        "home_consents",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_home_consents_days")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "staff_id"], ["staff.tenant_id", "staff.id"], name=op.f("fk_home_consents_tenant_id_staff_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_home_consents")),
        info={"placement": "tenant", "resident_view": "public", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(op.f("ix_home_consents_tenant_id_staff_id_id"), "home_consents", ["tenant_id", "staff_id", "id"])


def _want_certificates() -> None:
    """Keys that are there get their certificates from the worker; the first entry about each is version 1."""
    op.execute(
        "INSERT INTO signing_certificates (tenant_id, id, key_id, staff_id, state, tries, due_at, created_at, version)"
        " SELECT tenant_id, gen_random_uuid(), id, staff_id, 'wanted', 0, now(), now(), 0 FROM signing_keys"
        " WHERE state = 'active'"
    )
