"""Family and proxies, deaths, corrections, erasure: who acts for whom, and how an account ends."""

import sqlalchemy as sa
from alembic import op

from app.core.walls import role
from migrations.walls import create_walled_table

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WHO = "who IN ('staff', 'client', 'platform'%s)"
CHECKS = {
    "person_access_tokens": (
        "acting",
        "num_nonnulls(actor_id, actor_sign_in_id, representation_id, acting_as) IN (0, 4)",
    ),
    "persons": ("closed", "num_nonnulls(closed_as, closed_at) IN (0, 2)"),
}
DELETED: tuple[str, ...] = (
    "allergies",
    "app_grants",
    "appointments",
    "benefit_counters",
    "bills",
    "claim_cases",
    "claims",
    "coverages",
    "eligibility_checks",
    "factor_tries",
    "family_contracts",
    "payments",
    "person_affiliations",
    "person_appointments",
    "person_cards",
    "person_contracts",
    "person_coverages",
    "person_prescriptions",
    "person_visits",
    "prescription_reviews",
    "prescription_signatures",
    "prescriptions",
    "refunds",
    "residents",
    "routing_orders",
    "settlements",
    "visit_messages",
    "visit_pictures",
    "visit_records",
    "visits",
)
"""Tables whose rows are deleted when an account is erased, or when they were kept for long enough after that."""


def upgrade() -> None:
    _civil_papers()
    _corrections()
    _death_records()
    _erasures()
    _person_corrections()
    _representations()
    _represented()
    _retentions()
    _columns()
    op.drop_constraint(op.f("ck_accesses_who"), "accesses", type_="check")
    _check("accesses", "who", WHO % ", 'representative'")
    for table, (name, condition) in CHECKS.items():
        _check(table, name, condition)
    _check("persons", "closed_as", "closed_as IN ('deceased', 'erased', 'claimed')")
    for table in DELETED:
        op.execute(f"GRANT DELETE ON {table} TO {_app()}")


def downgrade() -> None:
    """Accounts without a phone cannot be kept: the former release knows none."""
    for table in DELETED:
        op.execute(f"REVOKE DELETE ON {table} FROM {_app()}")  # names of our own
    op.drop_constraint(op.f("ck_persons_closed_as"), "persons", type_="check")
    for table, (name, _) in CHECKS.items():
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.drop_constraint(op.f("ck_accesses_who"), "accesses", type_="check")
    _check("accesses", "who", WHO % "")
    _columns_dropped()
    for table in (
        "retentions",
        "represented",
        "representations",
        "person_corrections",
        "erasures",
        "death_records",
        "corrections",
        "civil_papers",
    ):
        op.drop_table(table)


def _app() -> str:
    return role(str(op.get_bind().engine.url.database), "app")


def _check(table: str, name: str, condition: str) -> None:
    """Added without a look at the rows that are there, and validated apart from that: nobody waits behind a lock."""
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition, postgresql_not_valid=True)
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")


def _columns() -> None:
    op.add_column("person_access_tokens", sa.Column("actor_id", sa.Uuid(), nullable=True))
    op.add_column("person_access_tokens", sa.Column("actor_sign_in_id", sa.Uuid(), nullable=True))
    op.add_column("person_access_tokens", sa.Column("representation_id", sa.Uuid(), nullable=True))
    op.add_column("person_access_tokens", sa.Column("acting_as", sa.Text(), nullable=True))
    op.create_index(
        op.f("ix_person_access_tokens_person_id_representation_id"),
        "person_access_tokens",
        ["person_id", "representation_id"],
        postgresql_where="representation_id IS NOT NULL",
    )
    op.add_column("persons", sa.Column("closed_as", sa.Text(), nullable=True))
    op.add_column("persons", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("persons", sa.Column("parted_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("persons", "phone", existing_type=sa.LargeBinary(), nullable=True)
    op.add_column("residents", sa.Column("family_tries_on", sa.Date(), nullable=True))
    op.add_column("residents", sa.Column("family_tries", sa.BigInteger(), nullable=True))


def _columns_dropped() -> None:
    op.drop_column("residents", "family_tries")
    op.drop_column("residents", "family_tries_on")
    op.alter_column("persons", "phone", existing_type=sa.LargeBinary(), nullable=False)
    op.drop_column("persons", "parted_at")
    op.drop_column("persons", "closed_at")
    op.drop_column("persons", "closed_as")
    op.drop_index(op.f("ix_person_access_tokens_person_id_representation_id"), table_name="person_access_tokens")
    op.drop_column("person_access_tokens", "acting_as")
    op.drop_column("person_access_tokens", "representation_id")
    op.drop_column("person_access_tokens", "actor_sign_in_id")
    op.drop_column("person_access_tokens", "actor_id")


def _civil_papers() -> None:
    create_walled_table(
        "civil_papers",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("represented_id", sa.Uuid(), nullable=True),
        sa.Column("representation_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('guardianship', 'succession')", name=op.f("ck_civil_papers_kind")),
        sa.CheckConstraint("state IN ('submitted', 'accepted', 'refused')", name=op.f("ck_civil_papers_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_civil_papers")),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_civil_papers_due", "civil_papers", ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.create_index(op.f("ix_civil_papers_tenant_id_resident_id"), "civil_papers", ["tenant_id", "resident_id"])
    op.create_index(op.f("ix_civil_papers_tenant_id_state_id"), "civil_papers", ["tenant_id", "state", "id"])


def _corrections() -> None:
    create_walled_table(
        "corrections",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("statement", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_until", sa.Date(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (answer IS NULL)", name=op.f("ck_corrections_answered")),
        sa.CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name=op.f("ck_corrections_reason")),
        sa.CheckConstraint("area IN ('record', 'registration')", name=op.f("ck_corrections_area")),
        sa.CheckConstraint("state IN ('open', 'corrected', 'refused')", name=op.f("ck_corrections_state")),
        sa.CheckConstraint("statement IS NULL OR state = 'refused'", name=op.f("ck_corrections_statement")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_corrections")),
        info={
            "placement": "tenant",
            "resident_view": "own",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_corrections_due", "corrections", ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.create_index(op.f("ix_corrections_tenant_id_area_id"), "corrections", ["tenant_id", "area", "id"])
    op.create_index(op.f("ix_corrections_tenant_id_resident_id"), "corrections", ["tenant_id", "resident_id"])


def _death_records() -> None:
    create_walled_table(
        "death_records",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('confirmed', 'undone')) = (confirmed_by IS NOT NULL)", name=op.f("ck_death_records_confirmed")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'withdrawn', 'undone')", name=op.f("ck_death_records_state")
        ),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by", name=op.f("ck_death_records_two_people")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_death_records")),
        info={
            "placement": "tenant",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_death_records_due", "death_records", ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.create_index(
        "uq_death_records_open",
        "death_records",
        ["tenant_id", "resident_id"],
        unique=True,
        postgresql_where="state IN ('proposed', 'confirmed')",
    )


def _erasures() -> None:
    create_walled_table(
        "erasures",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('cooling', 'erasing', 'withdrawn', 'done')", name=op.f("ck_erasures_state")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_erasures")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_erasures_due", "erasures", ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.create_index(
        "uq_erasures_open", "erasures", ["person_id"], unique=True,
        postgresql_where="state IN ('cooling', 'erasing')",
    )  # fmt: skip


def _person_corrections() -> None:
    create_walled_table(
        "person_corrections",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_until", sa.Date(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_person_corrections")),
        info={"placement": "person", "resident_view": "none", "grants": {"app": "SELECT, INSERT, UPDATE, DELETE"}},
    )


def _representations() -> None:
    create_walled_table(
        "representations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.LargeBinary(), nullable=True),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("claim_hash", sa.Text(), nullable=True),
        sa.Column("claim_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'ended') = (num_nonnulls(ended_at, end_reason) = 2)", name=op.f("ck_representations_ended")
        ),
        sa.CheckConstraint("evidence IN ('registry', 'paper', 'person')", name=op.f("ck_representations_evidence")),
        sa.CheckConstraint("kind IN ('guardian', 'proxy', 'successor')", name=op.f("ck_representations_kind")),
        sa.CheckConstraint("reach IN ('read', 'book', 'pay', 'everything')", name=op.f("ck_representations_reach")),
        sa.CheckConstraint("state IN ('offered', 'active', 'ended')", name=op.f("ck_representations_state")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_representations")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_representations_due", "representations", ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.create_index(
        "uq_representations_open",
        "representations",
        ["person_id", "actor_id"],
        unique=True,
        postgresql_where="state IN ('offered', 'active')",
    )


def _represented() -> None:
    create_walled_table(
        "represented",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("represented_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_represented")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_represented_due", "represented", ["due_at"], postgresql_where="due_at IS NOT NULL")


def _retentions() -> None:
    create_walled_table(
        "retentions",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_retentions")),
        info={
            "placement": "tenant",
            "resident_view": "none",
            "grants": {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        },
    )
    op.create_index("ix_retentions_due", "retentions", ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.create_index("uq_retentions_rule", "retentions", ["tenant_id", "resident_id", "rule"], unique=True)
