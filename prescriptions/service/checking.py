"""Holding what a doctor writes against the rules, with everything that is known now."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Text, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.calendar import local_date
from app.core.seeing import Seeing
from app.core.unit import Unit
from app.visits.api import Diagnosis, VisitToPrescribe
from prescriptions.content import Written
from prescriptions.models.prescribing import Medicine
from prescriptions.rules.controlled import control_of
from prescriptions.rules.findings import Basis, Case, findings
from prescriptions.rules.lines import Control, Line, Listed
from prescriptions.service.care import Care
from prescriptions.service.signed_before import Before, signed_before
from tenants.api import doctor_may_visit_online

_LISTED = Seeing(Medicine, Medicine.code == any_(bindparam("codes", type_=ARRAY(Text()))), Medicine.listed.is_(True))


@dataclass(frozen=True)
class Wish:
    """What a doctor wants to prescribe; the lines are looked up in the formulary when they are checked."""

    lines: tuple[Line, ...] = field(repr=False)
    diagnoses: tuple[Diagnosis, ...] = field(repr=False)
    validity_days: int
    note: str | None = field(default=None, repr=False)
    assessment: str | None = field(default=None, repr=False)


def checked(
    opened: Unit,
    wish: Wish,
    visit: VisitToPrescribe,
    care: Care,
    apart_from: uuid.UUID | None = None,
    *,
    signed: bool = False,
) -> Written:
    """`wish` with the medicines as the formulary has them now, and everything that the rules find.

    `apart_from` is the prescription that is checked, which does not count among those of before; `signed`, whether it
    is looked at again for its review.
    """
    listed = _formulary(opened, {line.medicine for line in wish.lines})
    lines = tuple(_looked_up(line, listed.get(line.medicine)) for line in wish.lines)
    before = signed_before(opened, visit, local_date(opened.now), apart_from)
    case = _case(opened, wish, lines, visit, care, before, signed=signed)
    return Written(lines, wish.diagnoses, wish.note, wish.assessment, findings(case))


def wish_of(written: Written, validity_days: int) -> Wish:
    """What was written, to be checked again."""
    return Wish(written.lines, written.diagnoses, validity_days, written.note, written.assessment)


def _case(
    opened: Unit,
    wish: Wish,
    lines: Sequence[Line],
    visit: VisitToPrescribe,
    care: Care,
    before: Before,
    *,
    signed: bool,
) -> Case:
    today = local_date(opened.now)
    against = doctor_may_visit_online(opened, visit.doctor, visit.subject, today)
    return Case(
        basis=Basis(
            visit.state, local_date(visit.ended_at) if visit.ended_at else None, visit.refunded, visit.legal_basis,
            visit.evidence_code,
            frozenset(one.code for one in visit.diagnoses),
        ),
        lines=tuple(lines), diagnoses=tuple(one.code for one in wish.diagnoses),
        birth_date=care.resident.birth_date, today=today, signed=signed, assessed=wish.assessment is not None,
        allergies=care.allergies, taken=care.taken | before.elsewhere, prescribed=before.of_visit,
        against_doctor=against.value if against else None,
    )  # fmt: skip


def _formulary(opened: Unit, codes: Collection[str]) -> dict[str, Medicine]:
    return {row.code: row for row in _LISTED.all(opened, codes=sorted(codes))}


def _looked_up(line: Line, row: Medicine | None) -> Line:
    listed = None if row is None else Listed(
        row.name, row.ingredient_group, row.form, row.strength, row.unit, row.pack_units, row.category,
        control_of(row.name, row.ingredient_group, Control(row.control)), row.single_limit, row.daily_limit,
        row.long_term,
    )  # fmt: skip
    return Line(line.medicine, line.dose, line.frequency, line.route, line.days, line.quantity, line.note, listed)
