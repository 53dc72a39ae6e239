"""What a way carries: leased deliveries, what came of each, and what it did not come to."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.send.models import DeliveryState


@dataclass(frozen=True)
class Parcel:
    """A leased delivery with everything that its request needs."""

    delivery: uuid.UUID
    endpoint: uuid.UUID
    number: int
    url: str
    secret: str = field(repr=False)
    message_id: str
    body: bytes
    resident: bool = False
    """Whether it carries a resident's data, who is told then."""


@dataclass(frozen=True)
class Result:
    """What came of a parcel: a status and the beginning of the answer, or the code of what went wrong."""

    parcel: Parcel
    status: int | None
    outcome: str
    answer: str | None
    least_wait: float
    sent: bool = True
    """False where certainly nothing of it left the platform."""

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.outcome == DeliveryState.DELIVERED


@dataclass(frozen=True)
class Trip:
    """What a way did with a load: the parcels that it sent, in their order, and those that it did not come to."""

    results: Sequence[Result] = ()
    unsent: Sequence[Parcel] = ()
