"""What an account has that a phone alone must not open, and whether a sign-in comes from a known device."""

import uuid
from dataclasses import dataclass, field

from app.core.ids import new_id
from app.core.ports import KnownAs, ports
from app.core.scope import Scope
from app.core.unit import unit
from app.identity.devices.service import Place, recognised
from app.identity.factors.repository import has_factor
from app.identity.passwords.service import stored_hash
from app.identity.recoveries.service import is_open
from app.identity.repository import person


@dataclass(frozen=True)
class Protection:
    """Of the account to which a number leads; everything is empty where there is none."""

    person: uuid.UUID | None = None
    device: uuid.UUID | None = None
    """The known device on which somebody signs in; None on another."""
    password_hash: str | None = field(default=None, repr=False)
    identity: KnownAs | None = field(default=None, repr=False)
    has_factor: bool = False
    is_let_in: bool = False
    """Whether an operator saw the owner's papers, so that a code is enough once."""

    @property
    def asks_for_proof(self) -> bool:
        """Whether a code alone opens nothing here."""
        protects = self.password_hash is not None or self.identity is not None or self.has_factor
        return protects and self.device is None and not self.is_let_in


def protection_of(owner: uuid.UUID | None, place: Place) -> Protection:
    """The protection of the account of `owner`, for a sign-in at `place`."""
    whose = owner or new_id()  # nobody is looked for as long as somebody, so that the time tells nothing
    with unit(Scope.for_person(whose)) as reading:
        device = recognised(reading, place)
        found = Protection(
            whose, device.id if device else None, stored_hash(reading), ports().verified_identity(reading),
            has_factor(reading), is_open(reading),
        )  # fmt: skip
        return found if person(reading) else Protection()
