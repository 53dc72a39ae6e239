"""Apps of tenants, what persons allow them, their codes and tokens; browsers; keys of ID tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.walls import create_walled_table

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FORGOTTEN = {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"}
KEPT = {"app": "SELECT, INSERT, UPDATE"}


def upgrade() -> None:
    create_walled_table(
        "app_grants",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("app_name", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('active', 'ended')", name=op.f("ck_app_grants_state")),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_app_grants")),
        info={"placement": "person", "resident_view": "none", "grants": KEPT},
    )
    op.create_index(
        "uq_app_grants_active", "app_grants", ["person_id", "app_id"], unique=True, postgresql_where="state = 'active'"
    )
    create_walled_table(
        "browser_sessions",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_browser_sessions")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": FORGOTTEN,
        },
    )
    op.create_index(
        "ix_browser_sessions_due", "browser_sessions", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    create_walled_table(
        "client_assertions",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_client_assertions")),
        info={
            "placement": "key",
            "resident_view": "none",
            "grants": FORGOTTEN,
        },
    )
    op.create_index(
        "ix_client_assertions_due", "client_assertions", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    create_walled_table(
        "oauth_apps",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("redirect_uris", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("post_logout_redirect_uris", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("auth_method", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=True),
        sa.Column("jwks", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(auth_method = 'private_key_jwt') = (jwks IS NOT NULL)", name=op.f("ck_oauth_apps_keys")),
        sa.CheckConstraint(
            "(auth_method IN ('client_secret_basic', 'client_secret_post')) = (secret_hash IS NOT NULL)",
            name=op.f("ck_oauth_apps_secret"),
        ),
        sa.CheckConstraint(
            "auth_method IN ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')",
            name=op.f("ck_oauth_apps_method"),
        ),
        sa.CheckConstraint("state IN ('active', 'revoked')", name=op.f("ck_oauth_apps_state")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_oauth_apps")),
        info={"placement": "tenant", "resident_view": "none", "grants": KEPT},
    )
    create_walled_table(
        "oidc_key_rings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("keys", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_oidc_key_rings")),
        info={"placement": "key", "resident_view": "none", "grants": {**KEPT, "discovery": "SELECT ({owner})"}},
    )
    create_walled_table(
        "app_families",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id", "grant_id"],
            ["app_grants.person_id", "app_grants.id"],
            name=op.f("fk_app_families_person_id_grant_id"),
        ),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_app_families")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": FORGOTTEN,
        },
    )
    op.create_index(
        "ix_app_families_due", "app_families", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    op.create_index(op.f("ix_app_families_person_id_grant_id"), "app_families", ["person_id", "grant_id"], unique=False)
    create_walled_table(
        "authorization_codes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id", "grant_id"],
            ["app_grants.person_id", "app_grants.id"],
            name=op.f("fk_authorization_codes_person_id_grant_id"),
        ),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_authorization_codes")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": FORGOTTEN,
        },
    )
    op.create_index(
        "ix_authorization_codes_due",
        "authorization_codes",
        ["due_at"],
        unique=False,
        postgresql_where="due_at IS NOT NULL",
    )
    create_walled_table(
        "app_tokens",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('access', 'refresh')", name=op.f("ck_app_tokens_kind")),
        sa.ForeignKeyConstraint(
            ["person_id", "family_id"],
            ["app_families.person_id", "app_families.id"],
            name=op.f("fk_app_tokens_person_id_family_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "id", name=op.f("pk_app_tokens")),
        info={
            "placement": "person",
            "resident_view": "none",
            "grants": FORGOTTEN,
        },
    )
    op.create_index("ix_app_tokens_due", "app_tokens", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL")
    op.create_index(op.f("ix_app_tokens_person_id_family_id"), "app_tokens", ["person_id", "family_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_app_tokens_person_id_family_id"), table_name="app_tokens")
    op.drop_index("ix_app_tokens_due", table_name="app_tokens", postgresql_where="due_at IS NOT NULL")
    op.drop_table("app_tokens")
    op.drop_index("ix_authorization_codes_due", table_name="authorization_codes", postgresql_where="due_at IS NOT NULL")
    op.drop_table("authorization_codes")
    op.drop_index(op.f("ix_app_families_person_id_grant_id"), table_name="app_families")
    op.drop_index("ix_app_families_due", table_name="app_families", postgresql_where="due_at IS NOT NULL")
    op.drop_table("app_families")
    op.drop_table("oidc_key_rings")
    op.drop_table("oauth_apps")
    op.drop_index("ix_client_assertions_due", table_name="client_assertions", postgresql_where="due_at IS NOT NULL")
    op.drop_table("client_assertions")
    op.drop_index("ix_browser_sessions_due", table_name="browser_sessions", postgresql_where="due_at IS NOT NULL")
    op.drop_table("browser_sessions")
    op.drop_index("uq_app_grants_active", table_name="app_grants", postgresql_where="state = 'active'")
    op.drop_table("app_grants")
