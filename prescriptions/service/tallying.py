"""Counting what was prescribed, for requests that two people want: by the worker, a batch in each unit.

A unit counts on from where the former one ended and says so in the same commit: who is killed loses a batch that nobody
has seen, and the next worker counts it. What is counted is what was signed before the confirmation.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, tuple_

from app.core.calendar import ZONE
from app.core.due import each_due
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Unit
from prescriptions.content import counts_in, seal_counts, written_in
from prescriptions.models.counting import DrugCount
from prescriptions.models.prescribing import Prescription
from prescriptions.names import DRUG_COUNT_ID
from prescriptions.rules.counting import (
    BATCH,
    MOST_COUNTED,
    READABLE,
    CountState,
    Prescribed,
    after_batch,
    after_look,
    counts,
)
from prescriptions.rules.prescriptions import State
from prescriptions.service.counting import Wanted, wanted_of
from tenants.api import STAFF_ID, Proposal

_COUNTED = (State.PENDING_REVIEW, State.READY, State.COMPLETED, State.CLOSED_UNSUPPLIED, State.EXPIRED)
"""Signed, and neither rejected nor withdrawn."""


def count_due(scope: Scope) -> int:
    """Take what is counted in `scope` one step on, or forget it; returns how many."""
    return each_due(scope, DrugCount, _step)


def _step(opened: Unit, row: DrugCount) -> int:
    if row.state == CountState.CONFIRMED:
        _look(opened, row)
    elif row.state == CountState.COUNTING:
        _count(opened, row)
    else:
        mine = (DrugCount.tenant_id == opened.scope.require_tenant(), DrugCount.id == row.id)
        opened.execute(delete(DrugCount).where(*mine))
    return 1


def _look(opened: Unit, row: DrugCount) -> None:
    """How many there are is known before the first is opened."""
    some = select(Prescription.id).where(*_of(opened, row)).limit(MOST_COUNTED + 1).subquery()
    found = opened.session.scalars(select(func.count()).select_from(some)).one()
    row.state = after_look(found)
    if row.state == CountState.TOO_MANY:
        record(opened, "drug_counts.too_many", _ended(opened, row), row.version, {})


def _count(opened: Unit, row: DrugCount) -> None:
    batch = _batch(opened, row)
    found = counts(_lines(opened, batch), counts_in(opened, row))
    row.content, row.state = seal_counts(opened, row.id, found), after_batch(len(batch))
    if batch:
        row.last_signed_at, row.last_id = batch[-1].signed_at, batch[-1].id
    if row.state == CountState.READY:
        record(opened, "drug_counts.made", _ended(opened, row), row.version, {"rows": len(found)})


def _ended(opened: Unit, row: DrugCount) -> PublicId:
    """Who asked has a day from now on."""
    row.due_at, row.version = opened.now + READABLE, row.version + 1
    return PublicId(DRUG_COUNT_ID, opened.scope, row.id)


def _batch(opened: Unit, row: DrugCount) -> Sequence[Prescription]:
    order = (Prescription.signed_at, Prescription.id)
    query = opened.select(Prescription).where(*_of(opened, row))
    if row.last_id is not None:
        query = query.where(tuple_(*order) > (row.last_signed_at, row.last_id))
    return opened.all(query.order_by(*order).limit(BATCH))


def _of(opened: Unit, row: DrugCount) -> tuple[ColumnElement[Any], ...]:
    """Which prescriptions are counted."""
    begin, end = _period(_wanted(opened, row))
    return (
        Prescription.tenant_id == opened.scope.require_tenant(), Prescription.signed_at >= begin,
        Prescription.signed_at < end, Prescription.signed_at <= row.confirmed_at, Prescription.state.in_(_COUNTED),
    )  # fmt: skip


def _wanted(opened: Unit, row: DrugCount) -> Wanted:
    request = opened.get(Proposal, row.id)
    if request is None:
        raise LookupError("counts without their request")
    return wanted_of(opened, request)


def _period(wanted: Wanted) -> tuple[datetime, datetime]:
    begin = datetime.combine(wanted.begins_on, time.min, ZONE)
    return begin, datetime.combine(wanted.ends_on + timedelta(days=1), time.min, ZONE)


def _lines(opened: Unit, batch: Sequence[Prescription]) -> Iterator[Prescribed]:
    for row in batch:
        doctor = str(PublicId(STAFF_ID, opened.scope, row.doctor_id))
        for line in written_in(opened, row).lines:
            name = line.listed.name if line.listed else ""
            yield Prescribed(doctor, row.doctor_name, line.medicine, name, line.quantity)
