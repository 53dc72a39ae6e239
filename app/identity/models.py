"""Clients of a tenant, persons and their logins, and the access tokens that were issued to each."""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, Json, JsonList, KeyOwned, PersonOwned, TenantOwned, within_tenant
from app.core.encrypted import encrypted_for
from app.core.forgetting import FORGOTTEN
from app.core.ids import PublicId
from app.core.scope import Scope
from app.identity.credentials import CLIENT


class OAuthClient(TenantOwned, Base):
    """A system of the tenant that signs in as itself (RFC 6749 client credentials)."""

    __tablename__ = "oauth_clients"
    __table_args__ = (CheckConstraint("state IN ('active', 'revoked')", name="state"),)
    name: Mapped[str] = mapped_column()
    secret_hash: Mapped[str] = mapped_column()
    """SHA-256 of a random secret of 256 bits: there is nothing to guess, so nothing to slow down. Where there are keys
    it was told to nobody.
    """
    jwks: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    """Its public keys (RFC 7517); with them it proves by `private_key_jwt` who it is, and in no other way."""
    permissions: Mapped[JsonList] = mapped_column()
    state: Mapped[str] = mapped_column()
    registered_by: Mapped[str | None] = mapped_column()
    """Who answers for it, as entries name authors: who registered it, or said at a review that it goes on."""
    review_since: Mapped[datetime | None] = mapped_column()
    """Since when it waits for somebody else to say that it goes on, because whoever answered for it has left."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()

    @property
    def public_id(self) -> PublicId:
        """The `client_id` of OAuth."""
        return PublicId(CLIENT, Scope.for_tenant(self.tenant_id), self.id)

    def __str__(self) -> str:
        """Its `client_id`."""
        return str(self.public_id)


class AccessToken(TenantOwned, Base):
    """An access token, of which only the hash is kept. Its text names tenant and row, so checking it reads one key.

    It is a client's or a staff member's: exactly one of `client_id` and `staff_id` is set.
    """

    __tablename__ = "access_tokens"
    __table_args__ = (
        within_tenant("oauth_clients", "client_id"),
        CheckConstraint("num_nonnulls(client_id, staff_id) = 1", name="subject"),
        CheckConstraint("num_nonnulls(staff_id, person_id) <> 1", name="staff_person"),
        Index(None, "tenant_id", "staff_id", postgresql_where="staff_id IS NOT NULL"),
        Index("ix_access_tokens_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    client_id: Mapped[uuid.UUID | None] = mapped_column()
    staff_id: Mapped[uuid.UUID | None] = mapped_column()
    """The affiliation, a row of a higher slice, so named by value."""
    person_id: Mapped[uuid.UUID | None] = mapped_column()
    """Who signed in as that staff member."""
    sign_in_id: Mapped[uuid.UUID | None] = mapped_column()
    """The sign-in of that person with which this token ends; their row about the token has the token's own id."""
    secret_hash: Mapped[str] = mapped_column()
    permissions: Mapped[JsonList] = mapped_column()
    """What a client's token was narrowed to; empty for staff, whose permissions are asked for at every use."""
    issued_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""


class Person(Base):
    """A human being with an account. Made at the first sign-in, a child's when a guardian registers it; the journal's
    chain begins with it.
    """

    __tablename__ = "persons"
    __table_args__ = (
        CheckConstraint("closed_as IN ('deceased', 'erased', 'claimed')", name="closed_as"),
        CheckConstraint("num_nonnulls(closed_as, closed_at) IN (0, 2)", name="closed"),
    )
    placement = PersonOwned.placement
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-20)
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    phone: Mapped[bytes | None] = mapped_column(info=encrypted_for("{scope}/persons/phone"))
    """E.164, encrypted for `<scope>/persons/phone`; null of who cannot sign in by phone: a child, an account that was
    closed, or parted from its number.
    """
    locale: Mapped[str] = mapped_column()
    locale_chosen_at: Mapped[datetime | None] = mapped_column()
    """When they said so, or at the first sign-in their app or browser did; null where nobody did."""
    closed_as: Mapped[str | None] = mapped_column()
    """Why nobody signs in to the account any more; null while it is open."""
    closed_at: Mapped[datetime | None] = mapped_column()
    parted_at: Mapped[datetime | None] = mapped_column()
    """When an operator gave its number to whoever has it now: such an account is no child's, to be claimed."""


class PersonAccessToken(PersonOwned, Base):
    """A sign-in of a person: as themself, with an access token of which only the hash is kept, or as staff.

    As staff (`staff_id`) the token lies in that tenant, under the same id; it holds while this row does. With a token
    of `actor_id` somebody else acts for the person: it holds while this row and that one's own sign-in do.
    """

    __tablename__ = "person_access_tokens"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["persons.person_id"]),
        CheckConstraint("num_nonnulls(secret_hash, staff_id) = 1", name="kind"),
        CheckConstraint("num_nonnulls(staff_id, tenant, sign_in_id) IN (0, 3)", name="staff"),
        CheckConstraint("num_nonnulls(proved_at, proved_by) IN (0, 2)", name="proved"),
        CheckConstraint(
            "num_nonnulls(actor_id, actor_sign_in_id, representation_id, acting_as) IN (0, 4)", name="acting"
        ),
        Index(None, "person_id", "representation_id", postgresql_where="representation_id IS NOT NULL"),
        Index("ix_person_access_tokens_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    secret_hash: Mapped[str | None] = mapped_column()
    tenant: Mapped[int | None] = mapped_column()
    staff_id: Mapped[uuid.UUID | None] = mapped_column()
    """The affiliation as which they signed in."""
    sign_in_id: Mapped[uuid.UUID | None] = mapped_column()
    """The sign-in as themself that this one came from, and with which it ends."""
    issued_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()
    used_on: Mapped[date | None] = mapped_column(Date())
    """The local day of the last use."""
    seen_at: Mapped[datetime | None] = mapped_column()
    """When it, or a sign-in as staff that came from it, was used last, to `SEEN_EVERY`; null where none came."""
    proved_at: Mapped[datetime | None] = mapped_column()
    """When a second factor was proved last; one as staff asks that of the sign-in that it came from."""
    proved_by: Mapped[str | None] = mapped_column()
    """By what, as RFC 8176 names methods (`amr`)."""
    device_id: Mapped[uuid.UUID | None] = mapped_column()
    """The device on which it was made, by value: a device is forgotten before its last sign-in may be."""
    actor_id: Mapped[uuid.UUID | None] = mapped_column()
    """Who acts for the person, with which sign-in of their own, by which right, and as what."""
    actor_sign_in_id: Mapped[uuid.UUID | None] = mapped_column()
    representation_id: Mapped[uuid.UUID | None] = mapped_column()
    acting_as: Mapped[str | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""


class Login(KeyOwned, Base):
    """Whose phone number a person signs in with; the key is the number's blind digest.

    Reserved first, naming the person who shall have it, held once that person is registered. A sign-in that was cut
    off between the two is continued by the number's next one, with the same person; where none comes, the timer
    deletes the reservation.
    """

    __tablename__ = "logins"
    __table_args__ = (
        CheckConstraint("state IN ('reserved', 'held')", name="state"),
        Index("ix_logins_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    person_id: Mapped[uuid.UUID] = mapped_column()
    state: Mapped[str] = mapped_column()
    reserved_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When a reservation is looked at: whether anything followed it."""


class PhoneChallenge(KeyOwned, Base):
    """The last one-time code that was sent to a phone number for one purpose; the key is a blind digest of both.

    A code is open while tries are left and its time has not come; used, guessed at too often and void are the same:
    no try left. The row stays as long as it counts what was sent.
    """

    __tablename__ = "phone_challenges"
    __table_args__ = (Index("ix_phone_challenges_due", "due_at", postgresql_where="due_at IS NOT NULL"),)
    grants: ClassVar[Grants] = FORGOTTEN
    challenge_id: Mapped[uuid.UUID] = mapped_column()
    code_hash: Mapped[str] = mapped_column()
    """HMAC under the platform's blind key: of a million codes, each is guessed at once where the hash has no key."""
    tries_left: Mapped[int] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()
    sends: Mapped[JsonList] = mapped_column()
    """When codes were sent within the last day, in Unix seconds, oldest first."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""


class CodeAddress(KeyOwned, Base):
    """How many codes an address, a device or a person has asked for; the key is a blind digest of one of them."""

    __tablename__ = "code_addresses"
    __table_args__ = (Index("ix_code_addresses_due", "due_at", postgresql_where="due_at IS NOT NULL"),)
    grants: ClassVar[Grants] = FORGOTTEN
    free_at: Mapped[int] = mapped_column()
    """When all that was asked for will have been worked off, in Unix milliseconds; see `rules.ADDRESS_PAUSE`,
    `DEVICE_PAUSE` and `PERSON_PAUSE`.
    """
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""
