"""What can be settled: a completed visit, or a supply that is prepared; read from the slice that it belongs to."""

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.core.calendar import local_date
from app.core.errors import NotFound
from app.core.ids import MalformedId, PublicId
from app.core.unit import Unit
from app.visits.api import VISIT_ID, VisitToClaim, visit_to_claim
from app.visits.api import State as VisitState
from insurance.errors import not_to_settle
from insurance.rules.settlements import Kind
from insurance.rules.splits import Item
from prescriptions.api import ORDER_ID, supply_to_settle

SETTLE_WITHIN = timedelta(days=30)
"""How long after its end a visit may be settled."""
VISIT_LINE = "text_visit"
VISIT_LINE_NAME = "图文问诊费"
VISIT_CATEGORY = "A"
"""Care has no insurance class of its own; it is wholly within the scope of what insurances look at."""


@dataclass(frozen=True)
class Subject:
    """A visit or a supply as what is settled; `total` in fen."""

    id: PublicId
    kind: Kind
    resident: uuid.UUID
    items: tuple[Item, ...] = field(repr=False)
    diagnoses: tuple[str, ...] = field(repr=False)
    total: int
    service_date: date
    paid_by: PublicId | None
    """The bill by which it was paid before it began."""


def read_subject(text: str) -> PublicId:
    """The public id of a visit or a routing order; raises NotFound for any other text."""
    for prefix in (VISIT_ID, ORDER_ID):
        try:
            known = PublicId.parse(text, prefix)
        except MalformedId:
            continue
        if known.scope.tenant is not None:
            return known
    raise NotFound


def subject_of(unit: Unit, known: PublicId, resident: uuid.UUID, *, lock: bool = False) -> Subject:
    """The subject as it is now; with `lock` a supply stays so until the unit ends. Raises NotFound where it is not of
    that resident, and WrongState with the code of what stands against settling it.
    """
    found = _visit(unit, known) if known.prefix == VISIT_ID else _supply(unit, known, lock=lock)
    if found.resident != resident:
        raise NotFound
    return found


def _visit(unit: Unit, known: PublicId) -> Subject:
    visit = visit_to_claim(unit, known.id)
    if visit.state is not VisitState.COMPLETED or visit.completed_at is None or visit.refunded:
        raise not_to_settle("visit_not_completed", "only a visit that was completed is settled")
    if unit.now - visit.completed_at > SETTLE_WITHIN:
        raise not_to_settle("settle_time_over", "the time in which a visit may be settled is over")
    return Subject(
        known, Kind.VISIT, visit.resident, (_line(visit),), visit.diagnoses, visit.fee, local_date(visit.completed_at),
        visit.bill,
    )  # fmt: skip


def _line(visit: VisitToClaim) -> Item:
    return Item(1, VISIT_LINE, VISIT_LINE_NAME, VISIT_CATEGORY, 1, visit.fee)


def _supply(unit: Unit, known: PublicId, *, lock: bool) -> Subject:
    supply = supply_to_settle(unit, known, lock=lock)
    items = tuple(
        Item(line.sequence, line.code, line.name, line.category, line.quantity, line.amount) for line in supply.lines
    )
    return Subject(
        known, Kind.MEDICINE, supply.resident, items, supply.diagnoses, supply.total, local_date(unit.now), None
    )
