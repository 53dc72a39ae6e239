"""What a lower layer asks of a higher one, or of the outside: the factory fills these ports once per process."""

import uuid
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Table

from app.core.questions import Asks
from app.core.unit import Unit

STAFF_IDLE = timedelta(minutes=30)
"""After which silence somebody of a staff is signed out, where a deployment says nothing else."""


class MessageNotSent(Exception):
    """The message certainly did not go out."""


@dataclass(frozen=True)
class Message:
    """What a phone shall show, as gateways take it: the name of an agreed text, and what is put into it."""

    template: str
    locale: str
    """`zh-CN` or `en`."""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Codes and moments; never a name or anything about health, which whoever sees the screen would read."""


class SendMessage(Protocol):
    """Sends a message to a phone."""

    def __call__(self, message_id: uuid.UUID, phone: str, message: Message, /) -> None:
        """Send `message` to `phone` (E.164); the same `message_id` twice is one message.

        Returns when it was sent or may have been; raises MessageNotSent when it certainly was not. Never called inside
        a unit.
        """
        ...


@dataclass(frozen=True)
class Granted:
    """What a member of a tenant's staff may do now, and the roles that give it."""

    permissions: frozenset[str]
    roles: tuple[str, ...]


class StaffGrants(Hashable, Protocol):
    """Says what a member of a tenant's staff may do now."""

    def asked(self, tokens: Table) -> ColumnElement[Any]:
        """What to ask of the affiliation `staff_id` of a row of `tokens`, whose owner is the tenant to which `OWNER` is
        bound; null where it ended or never was.

        Part of the question about an access token, at every use: who was removed or suspended is out at once.
        """
        ...

    def told(self, reading: Asks, found: Any) -> Granted | None:
        """The permissions and roles that the answer to `asked` gives; called once the token's secret was checked."""
        ...


@dataclass(frozen=True)
class Priced:
    """One line of what a provider would supply; `amount` in fen."""

    sequence: int
    code: str = field(repr=False)
    category: str
    """The insurance class of what is supplied: A, B or C (甲, 乙, 丙)."""
    amount: int


class OwnCost(Protocol):
    """Says what a person would pay themself, after their insurance."""

    def __call__(self, person: uuid.UUID, provider: int, kind: str, lines: Sequence[Priced]) -> int | None:
        """In fen, of what tenant `provider` would supply; None where nobody knows now. Never called inside a unit."""
        ...


@dataclass(frozen=True)
class KnownAs:
    """The verified name of a person, and the number of their resident identity card."""

    name: str = field(repr=False)
    number: str = field(repr=False)


class VerifiedIdentity(Protocol):
    """Says as whom a person was verified."""

    def __call__(self, unit: Unit, /) -> KnownAs | None:
        """The identity of the unit's person; None where no real name of theirs is verified."""
        ...


@dataclass(frozen=True)
class Signer:
    """As whom a member of a tenant's staff signs."""

    name: str
    role: str
    license_number: str = field(repr=False)
    until: date
    """The last local day of that license."""
    tenant: str
    """The tenant's public id."""
    tenant_name: str


class SignerOf(Protocol):
    """Says as whom a member of a tenant's staff signs."""

    def __call__(self, unit: Unit, staff_id: uuid.UUID) -> Signer | None:
        """Who that affiliation of the unit's tenant is today; None where they may sign nothing."""
        ...


@dataclass(frozen=True)
class Ports:
    """Everything that was filled."""

    send_message: SendMessage
    staff_grants: StaffGrants
    tenant_may_act: ColumnElement[bool]
    """A condition on the tenant to which `OWNER` is bound: false while its people and systems may not act. Part of the
    question about a tenant's access token, at every use.
    """
    own_cost: OwnCost
    verified_identity: VerifiedIdentity
    signer_of: SignerOf
    staff_idle: timedelta = STAFF_IDLE
    """After which silence somebody of a staff is signed out: others pass by their screens."""


_ports: Ports | None = None


def fill(filled: Ports) -> None:
    """Say, in the factory, who answers."""
    global _ports  # noqa: PLW0603  # one process, one set of ports; the factory fills it before the first request
    _ports = filled


def ports() -> Ports:
    """The ports of this process; raises RuntimeError before `fill`."""
    if _ports is None:
        raise RuntimeError("the ports are not filled")
    return _ports
