"""What a lower layer asks of a higher one, or of the outside: the factory fills these ports once per process."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.core.unit import Unit


class CodeNotSent(Exception):
    """The one-time code certainly did not go out."""


class SendCode(Protocol):
    """Sends a one-time code to a phone."""

    def __call__(self, message_id: uuid.UUID, phone: str, code: str) -> None:
        """Send `code` to `phone` (E.164); the same `message_id` twice is one message.

        Returns when it was sent or may have been; raises CodeNotSent when it certainly was not. Never called inside
        a unit.
        """
        ...


class StaffGrants(Protocol):
    """Says what a member of a tenant's staff may do now."""

    def __call__(self, unit: Unit, staff_id: uuid.UUID) -> frozenset[str] | None:
        """The permissions of that affiliation of the unit's tenant, or None where it ended or never was.

        Asked in the unit that reads the access token, at every use: who was removed or suspended is out at once.
        """
        ...


class TenantMayAct(Protocol):
    """Says whether the people and systems of a tenant may act now."""

    def __call__(self, unit: Unit) -> bool:
        """False while the unit's tenant is suspended.

        Asked in the unit that reads a client's access token, at every use; for staff it is part of their grants.
        """
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
class Ports:
    """Everything that was filled."""

    send_code: SendCode
    staff_grants: StaffGrants
    tenant_may_act: TenantMayAct
    own_cost: OwnCost


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
