"""A resident as they see themselves, and as what they ask for needs them; the only place that opens what is sealed."""

from dataclasses import dataclass, field
from datetime import date, datetime

from app.core.ports import KnownAs
from app.core.scope import Scope
from app.core.unit import Unit, unit
from app.residents.errors import unverified
from app.residents.models import Resident
from app.residents.repository import UNVERIFIED, VERIFIED, resident
from app.residents.rules.cards import masked
from app.residents.rules.documents import Claim


@dataclass(frozen=True)
class Shown:
    """A resident as they read themselves; of the number only the end."""

    state: str
    document_kind: str | None = None
    name: str | None = field(default=None, repr=False)
    number: str | None = None
    birth_date: date | None = field(default=None, repr=False)
    sex: str | None = None
    verification_method: str | None = None
    verified_at: datetime | None = None
    version: int | None = None


@dataclass(frozen=True)
class Verified:
    """Who a verified resident is."""

    name: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: str


@dataclass(frozen=True)
class Identity:
    """By what somebody outside knows a verified resident; handed on sealed alone."""

    name: str = field(repr=False)
    number: str = field(repr=False)
    """Of the resident identity card, in its one form."""


def read_resident(scope: Scope) -> Shown:
    """The resident of `scope`; somebody who never tried to verify is an unverified one."""
    with unit(scope) as reading:
        row = resident(reading)
        return shown(reading, row) if row else Shown(UNVERIFIED)


def verified(opened: Unit, *, lock: bool = False) -> Verified:
    """The verified resident of the unit's person; raises Forbidden `resident_unverified`."""
    row = resident(opened, lock=lock)
    if row is None or row.state != VERIFIED or row.name is None or row.birth_date is None or row.sex is None:
        raise unverified()
    return Verified(opened.cipher.open(row.name, _place(opened, "name")).decode(), row.birth_date, row.sex)


def identity_of(opened: Unit, *, lock: bool = False) -> Identity:
    """The name and number of the verified resident of the unit's person; raises Forbidden `resident_unverified`."""
    row = resident(opened, lock=lock)
    if row is None or row.state != VERIFIED or row.name is None or row.number is None:
        raise unverified()
    name = opened.cipher.open(row.name, _place(opened, "name")).decode()
    return Identity(name, opened.cipher.open(row.number, _place(opened, "number")).decode())


def known_as(opened: Unit) -> KnownAs | None:
    """Fills the port `VerifiedIdentity`."""
    row = resident(opened)
    if row is None or row.state != VERIFIED:
        return None
    identity = identity_of(opened)
    return KnownAs(identity.name, identity.number)


def own_number(opened: Unit) -> str | None:
    """The whole number of the document by which the unit's person is known; for themself alone."""
    row = resident(opened)
    if row is None or row.number is None:
        return None
    return opened.cipher.open(row.number, _place(opened, "number")).decode()


def shown(opened: Unit, row: Resident) -> Shown:
    """`row` as its person reads it."""
    if row.name is None or row.number is None:
        return Shown(row.state, version=row.version)
    return Shown(
        state=row.state, document_kind=row.document_kind, birth_date=row.birth_date, sex=row.sex,
        name=opened.cipher.open(row.name, _place(opened, "name")).decode(),
        number=masked(opened.cipher.open(row.number, _place(opened, "number")).decode()),
        verification_method=row.verification_method, verified_at=row.verified_at, version=row.version,
    )  # fmt: skip


def seal_identity(opened: Unit, row: Resident, claim: Claim) -> None:
    """Write what `claim` says into `row`, the name and the number encrypted."""
    row.document_kind, row.birth_date, row.sex = claim.kind, claim.birth_date, claim.sex
    row.name = opened.cipher.seal(claim.name.encode(), _place(opened, "name"))
    row.number = opened.cipher.seal(claim.number.encode(), _place(opened, "number"))


def _place(opened: Unit, column: str) -> str:
    return f"{opened.scope}/residents/{column}"
