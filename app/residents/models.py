"""Residents and their cards in the person's own scope, values that are theirs alone, family-doctor contracts."""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import OWN_KEY, Base, Grants, KeyOwned, PersonOwned, ResidentView, TenantOwned
from app.core.encrypted import Encrypted, encrypted_for
from app.core.forgetting import ERASED, FORGOTTEN


class Resident(Base):
    """A person as the subject of care: who they are by their documents. Made at the first try to verify."""

    __tablename__ = "residents"
    __table_args__ = (
        CheckConstraint("state IN ('unverified', 'verified')", name="state"),
        CheckConstraint(
            "(state = 'verified') = (num_nonnulls(number_digest, verified_at, verification_method) = 3)",
            name="verified",
        ),
        CheckConstraint("num_nonnulls(document_kind, name, number, birth_date, sex) IN (0, 5)", name="whole"),
        CheckConstraint("state = 'unverified' OR name IS NOT NULL", name="verified_whole"),
    )
    grants: ClassVar[Grants] = ERASED
    placement = PersonOwned.placement
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-20)
    state: Mapped[str] = mapped_column()
    document_kind: Mapped[str | None] = mapped_column()
    name: Mapped[bytes | None] = mapped_column(info=encrypted_for("{scope}/residents/name"))
    """As the document has it, encrypted for `<scope>/residents/name`."""
    number: Mapped[bytes | None] = mapped_column(info=encrypted_for("{scope}/residents/number"))
    """The document's, encrypted for `<scope>/residents/number`."""
    number_digest: Mapped[str | None] = mapped_column()
    """Once verified, the key of the row in `identity_numbers` that is this resident's."""
    birth_date: Mapped[date | None] = mapped_column(Date())
    sex: Mapped[str | None] = mapped_column()
    verification_method: Mapped[str | None] = mapped_column()
    verified_at: Mapped[datetime | None] = mapped_column()
    tries_on: Mapped[date] = mapped_column(Date())
    tries: Mapped[int] = mapped_column()
    """Verifications that were tried on that local date."""
    card_tries_on: Mapped[date | None] = mapped_column(Date())
    card_tries: Mapped[int] = mapped_column()
    family_tries_on: Mapped[date | None] = mapped_column(Date())
    family_tries: Mapped[int | None] = mapped_column()
    """Children whom the person tried to register on that local date."""
    version: Mapped[int] = mapped_column()


class ReservationColumns:
    """Who reserved a value that is unique on the platform.

    The row only leads to its reserver, whose own scope says whether the value is theirs; a reservation that nothing
    followed is taken over by the next who asks, or let go by the timer (see `reservations`).
    """

    grants: ClassVar[Grants] = FORGOTTEN
    person_id: Mapped[uuid.UUID] = mapped_column()
    reserved_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When the reserver is asked whether they have the value; null once they do."""


class IdentityNumber(KeyOwned, ReservationColumns, Base):
    """Whose the number of a resident identity card is; the key is its blind digest."""

    __tablename__ = "identity_numbers"
    __table_args__ = (Index("ix_identity_numbers_due", "due_at", postgresql_where="due_at IS NOT NULL"),)


class Card(KeyOwned, ReservationColumns, Base):
    """To which resident a card leads; the key is the blind digest of its kind, issuer and number."""

    __tablename__ = "cards"
    __table_args__ = (Index("ix_cards_due", "due_at", postgresql_where="due_at IS NOT NULL"),)


class PersonCard(PersonOwned, Base):
    """A card that is or was bound to the resident."""

    __tablename__ = "person_cards"
    __table_args__ = (
        CheckConstraint("state IN ('bound', 'unbound')", name="state"),
        Index(None, "person_id", "digest", unique=True, postgresql_where="state = 'bound'"),
    )
    grants: ClassVar[Grants] = ERASED
    kind: Mapped[str] = mapped_column()
    issuer: Mapped[int | None] = mapped_column()
    """The tenant that gave out a hospital's card."""
    number: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/person_cards/number/<id>`."""
    digest: Mapped[str] = mapped_column()
    """The key of its row in `cards`."""
    state: Mapped[str] = mapped_column()
    bound_at: Mapped[datetime] = mapped_column()
    unbound_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()


class FamilyContract(TenantOwned, Base):
    """A resident's contract with the team whose tenant this is."""

    __tablename__ = "family_contracts"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'active', 'declined', 'ended', 'expired')", name="state"),
        CheckConstraint("package IN ('basic', 'personal')", name="package"),
        CheckConstraint("term_years BETWEEN 1 AND 3", name="term_years"),
        CheckConstraint("(starts_on IS NULL) = (ends_on IS NULL)", name="dates"),
        CheckConstraint("state NOT IN ('active', 'expired') OR ends_on IS NOT NULL", name="active"),
        Index(
            "uq_family_contracts_open", "tenant_id", "resident_id", unique=True,
            postgresql_where="state IN ('requested', 'active')",
        ),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "state", "id"),
    )  # fmt: skip
    __mapper_args__ = OWN_KEY
    resident_view: ClassVar[ResidentView] = ResidentView.OWN
    grants: ClassVar[Grants] = ERASED
    resident_id: Mapped[uuid.UUID] = mapped_column()
    name: Mapped[Encrypted] = mapped_column()
    """The resident's, as verified when they asked; encrypted for `<scope>/family_contracts/name/<id>`."""
    birth_date: Mapped[date] = mapped_column(Date())
    sex: Mapped[str] = mapped_column()
    team_name: Mapped[str] = mapped_column()
    """The team's, when it was asked."""
    package: Mapped[str] = mapped_column()
    term_years: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column()
    """As stored; an active contract whose last day is over has expired (`rules.contracts.present_state`)."""
    reason: Mapped[str | None] = mapped_column()
    """A code: why it was declined or ended."""
    decided_by: Mapped[str | None] = mapped_column()
    """The actor who accepted or declined."""
    starts_on: Mapped[date | None] = mapped_column(Date())
    ends_on: Mapped[date | None] = mapped_column(Date())
    """The last day, a local date."""
    requested_at: Mapped[datetime] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()


class PersonContract(PersonOwned, Base):
    """What a person keeps of a contract; `id` is the contract's."""

    __tablename__ = "person_contracts"
    grants: ClassVar[Grants] = ERASED
    tenant: Mapped[int] = mapped_column()
    team_name: Mapped[str] = mapped_column()
    package: Mapped[str] = mapped_column()
    term_years: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    starts_on: Mapped[date | None] = mapped_column(Date())
    ends_on: Mapped[date | None] = mapped_column(Date())
    requested_at: Mapped[datetime] = mapped_column()
    source_version: Mapped[int] = mapped_column()
