"""A settlement and a claim as those see them whom they concern."""

import uuid
from dataclasses import dataclass, field

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Unit, unit
from insurance.models import Claim, Settlement
from insurance.rules.settlements import Kind, Payer, State
from insurance.service.content import Content, content_of
from insurance.service.moving import due_now


@dataclass(frozen=True)
class Shown:
    """A settlement with its lines, and the claim that followed."""

    row: Settlement
    content: Content = field(repr=False)
    claim: Claim | None

    @property
    def version(self) -> int:
        """The settlement's."""
        return self.row.version

    @property
    def to_pay(self) -> int:
        """What the resident pays on confirmation, in fen; 0 while it is not known."""
        return 0 if self.row.state == State.ASKED else due_now(self.row)

    @property
    def expected_return(self) -> int:
        """What of the prepaid will come back by itself, in fen, as far as it is known."""
        if self.row.payer == Payer.COMMERCIAL:
            return self.row.expected
        return self.row.fund + self.row.account if self.row.kind == Kind.VISIT else 0


def shown(opened: Unit, id: uuid.UUID) -> Shown:
    """A settlement as the unit's scope may see it; raises NotFound."""
    row = opened.get(Settlement, id)
    if row is None:
        raise NotFound
    claim = opened.first(opened.select(Claim).where(Claim.settlement_id == row.id))
    return Shown(row, content_of(opened, row), claim)


def settlement_of(person: uuid.UUID, known: PublicId, by: Caller) -> Shown:
    """The person's own settlement; raises NotFound."""
    if known.scope.tenant is None:
        raise NotFound
    with unit(Scope.for_tenant(known.scope.tenant, as_resident=person), by) as reading:
        return shown(reading, known.id)
