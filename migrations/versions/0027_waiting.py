"""Counts by doctor and medicine are made by the worker; tries at emergency accesses count; apps wait for
reviews; home institutions that are tenants are asked.
"""

import sqlalchemy as sa
from alembic import op

from migrations.walls import create_walled_table

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _drug_counts()
    op.create_index(
        "ix_prescriptions_signed", "prescriptions", ["tenant_id", "signed_at", "id"],
        postgresql_where="signed_at IS NOT NULL",
    )  # fmt: skip
    _emergency_tries()
    _home_consents()
    _home_consent_requests()
    op.add_column("oauth_apps", sa.Column("registered_by", sa.Text(), nullable=True))
    op.add_column("oauth_apps", sa.Column("review_since", sa.DateTime(timezone=True), nullable=True))
    _reviews()


def downgrade() -> None:
    op.drop_table("home_consent_requests")
    op.execute("DELETE FROM home_consents WHERE state IN ('asked', 'declined')")
    for name in ("state", "withdrawn", "home", "home_said"):
        op.drop_constraint(op.f(f"ck_home_consents_{name}"), "home_consents")
    for column in ("state", "home", "home_said", "institution"):
        op.drop_column("home_consents", column)
    for column in ("review_since", "registered_by"):
        op.drop_column("oauth_apps", column)
    op.drop_table("emergency_tries")
    op.drop_index("ix_prescriptions_signed", "prescriptions")
    for name in ("state", "content", "last"):
        op.drop_constraint(op.f(f"ck_drug_counts_{name}"), "drug_counts")
    op.execute("DELETE FROM drug_counts WHERE content IS NULL")
    op.alter_column("drug_counts", "content", nullable=False)
    for name in ("state", "confirmed_at", "last_signed_at", "last_id"):
        op.drop_column("drug_counts", name)


def _reviews() -> None:
    """Nobody is known to answer for what was registered before that was kept: somebody says whether it goes on."""
    for table in ("oauth_apps", "oauth_clients"):
        op.execute(
            f"UPDATE {table} SET review_since = now()"  # noqa: S608  # names of our own
            " WHERE state = 'active' AND registered_by IS NULL AND review_since IS NULL"
        )


def _drug_counts() -> None:
    """Those that are there were made at once: they are ready."""
    op.add_column("drug_counts", sa.Column("state", sa.Text(), nullable=False, server_default="ready"))
    confirmed = sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
    op.add_column("drug_counts", confirmed)
    for name in ("state", "confirmed_at"):
        op.alter_column("drug_counts", name, server_default=None)
    op.add_column("drug_counts", sa.Column("last_signed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("drug_counts", sa.Column("last_id", sa.Uuid(), nullable=True))
    op.alter_column("drug_counts", "content", nullable=True)
    op.create_check_constraint(
        op.f("ck_drug_counts_state"), "drug_counts", "state IN ('confirmed', 'counting', 'ready', 'too_many')"
    )
    op.create_check_constraint(op.f("ck_drug_counts_content"), "drug_counts", "state <> 'ready' OR content IS NOT NULL")
    op.create_check_constraint(
        op.f("ck_drug_counts_last"), "drug_counts", "num_nonnulls(last_signed_at, last_id) IN (0, 2)"
    )


def _emergency_tries() -> None:
    create_walled_table(
        "emergency_tries",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_emergency_tries")),
        info={
            "placement": "tenant",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index(op.f("ix_emergency_tries_tenant_id_staff_id"), "emergency_tries", ["tenant_id", "staff_id"])
    op.create_index("ix_emergency_tries_due", "emergency_tries", ["due_at"])


def _home_consents() -> None:
    """Those that are there were recorded from paper, of the institution that the doctor has now."""
    op.add_column("home_consents", sa.Column("institution", sa.Text(), nullable=False, server_default=""))
    op.add_column("home_consents", sa.Column("home", sa.BigInteger(), nullable=True))
    op.add_column("home_consents", sa.Column("home_said", sa.Text(), nullable=True))
    op.add_column("home_consents", sa.Column("state", sa.Text(), nullable=False, server_default="recorded"))
    op.execute(
        "UPDATE home_consents c SET institution = coalesce(s.home_institution, ''), "
        "state = CASE WHEN c.withdrawn_at IS NULL THEN 'recorded' ELSE 'withdrawn' END "
        "FROM staff s WHERE (s.tenant_id, s.id) = (c.tenant_id, c.staff_id)"
    )
    for name in ("institution", "state"):
        op.alter_column("home_consents", name, server_default=None)
    for name, rule in (
        ("state", "state IN ('recorded', 'asked', 'given', 'declined', 'withdrawn')"),
        ("withdrawn", "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)"),
        ("home", "home IS NOT NULL OR state IN ('recorded', 'withdrawn')"),
        ("home_said", "home_said IN ('given', 'declined', 'withdrawn')"),
    ):
        op.create_check_constraint(op.f(f"ck_home_consents_{name}"), "home_consents", rule)


def _home_consent_requests() -> None:
    create_walled_table(
        "home_consent_requests",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.BigInteger(), nullable=False),
        sa.Column("site_name", sa.Text(), nullable=False),
        sa.Column("doctor_name", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'given', 'declined', 'withdrawn')", name=op.f("ck_home_consent_requests_state")
        ),
        sa.CheckConstraint(
            "num_nonnulls(decided_by, decided_at) IN (0, 2)", name=op.f("ck_home_consent_requests_decided")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_home_consent_requests")),
        info={"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE"}},
    )
    op.create_index(
        op.f("ix_home_consent_requests_tenant_id_state_id"), "home_consent_requests", ["tenant_id", "state", "id"]
    )
