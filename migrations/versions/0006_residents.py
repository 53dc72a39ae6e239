"""Residents: who they are, values that are theirs alone, cards, family-doctor contracts."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_walled_table(
        "cards",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cards")),
        info={"placement": "key", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "family_contracts",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("team_name", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("term_years", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("package IN ('basic', 'personal')", name=op.f("ck_family_contracts_package")),
        sa.CheckConstraint(
            "state IN ('requested', 'active', 'declined', 'ended', 'expired')", name=op.f("ck_family_contracts_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('active', 'expired') OR ends_on IS NOT NULL", name=op.f("ck_family_contracts_active")
        ),
        sa.CheckConstraint("(starts_on IS NULL) = (ends_on IS NULL)", name=op.f("ck_family_contracts_dates")),
        sa.CheckConstraint("term_years BETWEEN 1 AND 3", name=op.f("ck_family_contracts_term_years")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_family_contracts")),
        info={"placement": "tenant", "resident_view": "own", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_family_contracts_tenant_id_resident_id"),
        "family_contracts",
        ["tenant_id", "resident_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_family_contracts_tenant_id_state_id"), "family_contracts", ["tenant_id", "state", "id"], unique=False
    )
    op.create_index(
        "uq_family_contracts_open",
        "family_contracts",
        ["tenant_id", "resident_id"],
        unique=True,
        postgresql_where="state IN ('requested', 'active')",
    )
    create_walled_table(
        "identity_numbers",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_identity_numbers")),
        info={"placement": "key", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "person_cards",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("issuer", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('bound', 'unbound')", name=op.f("ck_person_cards_state")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_cards")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_person_cards_person_id_digest"),
        "person_cards",
        ["person_id", "digest"],
        unique=True,
        postgresql_where="state = 'bound'",
    )
    create_walled_table(
        "person_contracts",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("team_name", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("term_years", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_contracts")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    create_walled_table(
        "residents",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("number_digest", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("verification_method", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries_on", sa.Date(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("card_tries_on", sa.Date(), nullable=True),
        sa.Column("card_tries", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'verified') = (num_nonnulls(number_digest, verified_at, verification_method) = 3)",
            name=op.f("ck_residents_verified"),
        ),
        sa.CheckConstraint("state = 'unverified' OR name IS NOT NULL", name=op.f("ck_residents_verified_whole")),
        sa.CheckConstraint("state IN ('unverified', 'verified')", name=op.f("ck_residents_state")),
        sa.CheckConstraint(
            "num_nonnulls(document_kind, name, number, birth_date, sex) IN (0, 5)", name=op.f("ck_residents_whole")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_residents")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )


def downgrade() -> None:
    op.drop_table("residents")
    op.drop_table("person_contracts")
    op.drop_index(
        op.f("ix_person_cards_person_id_digest"), table_name="person_cards", postgresql_where="state = 'bound'"
    )
    op.drop_table("person_cards")
    op.drop_table("identity_numbers")
    op.drop_index(
        "uq_family_contracts_open", table_name="family_contracts", postgresql_where="state IN ('requested', 'active')"
    )
    op.drop_index(op.f("ix_family_contracts_tenant_id_state_id"), table_name="family_contracts")
    op.drop_index(op.f("ix_family_contracts_tenant_id_resident_id"), table_name="family_contracts")
    op.drop_table("family_contracts")
    op.drop_table("cards")
