"""Apps that tenants register, what persons allow them, and the tokens that come of it; browsers; signing keys."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import READ_WRITE, Base, Grants, Json, JsonList, KeyOwned, PersonOwned, TenantOwned
from app.core.encrypted import encrypted_for
from app.core.forgetting import ERASED, FORGOTTEN
from app.core.ids import PublicId
from app.core.scope import Scope
from app.identity.oidc.names import APP


class OAuthApp(TenantOwned, Base):
    """An app that a tenant answers for, and that persons may let act for them (OAuth 2.1, authorization code)."""

    __tablename__ = "oauth_apps"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'revoked')", name="state"),
        CheckConstraint(
            "auth_method IN ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')", name="method"
        ),
        CheckConstraint(
            "(auth_method IN ('client_secret_basic', 'client_secret_post')) = (secret_hash IS NOT NULL)", name="secret"
        ),
        CheckConstraint("(auth_method = 'private_key_jwt') = (jwks IS NOT NULL)", name="keys"),
    )
    name: Mapped[str] = mapped_column()
    redirect_uris: Mapped[JsonList] = mapped_column()
    """Where answers may go, compared character by character (RFC 9700, 2.1)."""
    post_logout_redirect_uris: Mapped[JsonList] = mapped_column()
    scopes: Mapped[JsonList] = mapped_column()
    """The most that it may ask for."""
    auth_method: Mapped[str] = mapped_column()
    """How it proves at the token endpoint who it is; `none` of a public app, which can keep no secret."""
    secret_hash: Mapped[str | None] = mapped_column()
    """SHA-256 of a random secret of 256 bits."""
    jwks: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    """Its public keys (RFC 7517)."""
    state: Mapped[str] = mapped_column()
    registered_by: Mapped[str | None] = mapped_column()
    """Who answers for it, as entries name authors: who registered it, or said at a review that it goes on."""
    review_since: Mapped[datetime | None] = mapped_column()
    """Since when it waits for somebody else to say that it goes on: who answered for it has left, or is not known."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()

    @property
    def public_id(self) -> PublicId:
        """The `client_id` of OAuth."""
        return PublicId(APP, Scope.for_tenant(self.tenant_id), self.id)


class AppGrant(PersonOwned, Base):
    """What a person allows an app, until they withdraw it; one that is active for each app."""

    __tablename__ = "app_grants"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'ended')", name="state"),
        Index("uq_app_grants_active", "person_id", "app_id", unique=True, postgresql_where="state = 'active'"),
    )
    grants: ClassVar[Grants] = ERASED
    tenant: Mapped[int] = mapped_column()
    app_id: Mapped[uuid.UUID] = mapped_column()
    app_name: Mapped[str] = mapped_column()
    """As the person read it when they consented; the organization's too."""
    organization: Mapped[str] = mapped_column()
    scopes: Mapped[JsonList] = mapped_column()
    state: Mapped[str] = mapped_column()
    version: Mapped[int] = mapped_column()
    granted_at: Mapped[datetime] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()


class AuthorizationCode(PersonOwned, Base):
    """A code that an app may exchange once, within a minute; taken by deleting it. Its family has the same id."""

    __tablename__ = "authorization_codes"
    __table_args__ = (
        ForeignKeyConstraint(["person_id", "grant_id"], ["app_grants.person_id", "app_grants.id"]),
        Index("ix_authorization_codes_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    grant_id: Mapped[uuid.UUID] = mapped_column()
    app_id: Mapped[uuid.UUID] = mapped_column()
    secret_hash: Mapped[str] = mapped_column()
    redirect_uri: Mapped[str] = mapped_column()
    scopes: Mapped[JsonList] = mapped_column()
    challenge: Mapped[str] = mapped_column()
    """S256 of the app's verifier (RFC 7636)."""
    nonce: Mapped[str | None] = mapped_column()
    auth_time: Mapped[datetime] = mapped_column()
    methods: Mapped[JsonList | None] = mapped_column(JSONB(none_as_null=True))
    """By which methods the person had signed in then (`amr`, RFC 8176); null where that is not known."""
    expires_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""


class AppFamily(PersonOwned, Base):
    """All tokens that come of one code. They end together: by revocation, and when one of them is used twice."""

    __tablename__ = "app_families"
    __table_args__ = (
        ForeignKeyConstraint(["person_id", "grant_id"], ["app_grants.person_id", "app_grants.id"]),
        Index(None, "person_id", "grant_id"),
        Index("ix_app_families_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    grant_id: Mapped[uuid.UUID] = mapped_column()
    app_id: Mapped[uuid.UUID] = mapped_column()
    tenant: Mapped[int] = mapped_column()
    code_hash: Mapped[str] = mapped_column()
    """Of the code that it came of: who shows that again ends the family."""
    scopes: Mapped[JsonList] = mapped_column()
    begun_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""


class AppToken(PersonOwned, Base):
    """An access or refresh token of an app, of which only the hash is kept."""

    __tablename__ = "app_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person_id", "family_id"], ["app_families.person_id", "app_families.id"], ondelete="CASCADE"
        ),
        CheckConstraint("kind IN ('access', 'refresh')", name="kind"),
        Index(None, "person_id", "family_id"),
        Index("ix_app_tokens_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    family_id: Mapped[uuid.UUID] = mapped_column()
    kind: Mapped[str] = mapped_column()
    secret_hash: Mapped[str] = mapped_column()
    scopes: Mapped[JsonList] = mapped_column()
    issued_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()
    """When a refresh token was exchanged for the next one."""
    revoked_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""


class BrowserSession(PersonOwned, Base):
    """A browser in which a person has signed in; it holds while that sign-in does."""

    __tablename__ = "browser_sessions"
    __table_args__ = (Index("ix_browser_sessions_due", "due_at", postgresql_where="due_at IS NOT NULL"),)
    grants: ClassVar[Grants] = FORGOTTEN
    secret_hash: Mapped[str] = mapped_column()
    sign_in_id: Mapped[uuid.UUID] = mapped_column()
    began_at: Mapped[datetime] = mapped_column()
    methods: Mapped[JsonList | None] = mapped_column(JSONB(none_as_null=True))
    """By which methods they signed in (`amr`, RFC 8176); null where that is not known."""
    seen_at: Mapped[datetime | None] = mapped_column()
    """When it asked last, to within `rules.SEEN_EVERY`; null of one that was not seen again yet."""
    expires_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""


class ClientAssertion(KeyOwned, Base):
    """An assertion by which an app proved who it is (RFC 7523); the key is a digest of the app and its `jti`."""

    __tablename__ = "client_assertions"
    __table_args__ = (Index("ix_client_assertions_due", "due_at", postgresql_where="due_at IS NOT NULL"),)
    grants: ClassVar[Grants] = FORGOTTEN
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it: it is not accepted by its own time any more."""


class KeyRing(KeyOwned, Base):
    """The platform's keys for ID tokens, in the one row of this table; see `service.keys`."""

    __tablename__ = "oidc_key_rings"
    grants: ClassVar[Grants] = {**READ_WRITE, "discovery": "SELECT ({owner})"}
    keys: Mapped[JsonList] = mapped_column()
    """Oldest first: `kid`, `public` (a JWK), `made_at`, `retired_at` (seconds)."""
    private: Mapped[bytes] = mapped_column(info=encrypted_for("{scope}/private/{key}"))
    """Their private halves by `kid`: encrypted JSON."""
