"""What a hospital prescribed to a resident already, as far as it still counts."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Text, any_, bindparam, or_
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.seeing import Seeing
from app.core.unit import Unit
from app.visits.api import VisitToPrescribe
from prescriptions.content import groups_of
from prescriptions.models.prescribing import Prescription
from prescriptions.rules.prescriptions import CURRENT

_CURRENT = sorted(state.value for state in CURRENT)
_SIGNED = Seeing(
    Prescription,
    Prescription.resident_id == bindparam("of_resident"),
    Prescription.state == any_(bindparam("current", type_=ARRAY(Text()))),
    or_(Prescription.visit_id == bindparam("of_visit"), Prescription.covers_until >= bindparam("today")),
)


@dataclass(frozen=True)
class Before:
    """Ingredient groups of prescriptions that were signed and neither taken back nor given up."""

    of_visit: frozenset[str] = field(repr=False)
    """From the same visit, however long ago: more of them needs another visit."""
    elsewhere: frozenset[str] = field(repr=False)
    """From other visits, as long as they last. The resident's own scope hears of them a moment later."""


def signed_before(unit: Unit, visit: VisitToPrescribe, today: date, apart_from: uuid.UUID | None) -> Before:
    """What the unit's tenant prescribed to the resident of `visit` already, `apart_from` one prescription."""
    asked = {"of_resident": visit.resident, "of_visit": visit.id.id, "today": today, "current": _CURRENT}
    found = [row for row in _SIGNED.all(unit, **asked) if row.id != apart_from]
    return Before(
        _groups(unit, (row for row in found if row.visit_id == visit.id.id)),
        _groups(unit, (row for row in found if row.visit_id != visit.id.id)),
    )


def _groups(unit: Unit, rows: Iterable[Prescription]) -> frozenset[str]:
    return frozenset[str]().union(*(groups_of(unit, row) for row in rows))
