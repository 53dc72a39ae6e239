"""Counts by doctor and medicine: asked for with a reason, confirmed by somebody else, read by who asked for a day.

The request is a proposal of two people's; the confirmation counts. Nothing else in the platform puts doctors and
medicines together.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta

import orjson

from app.core.calendar import ZONE, local_date
from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.looks import quarter_of
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from prescriptions.content import written_in
from prescriptions.models.counting import DrugCount
from prescriptions.models.prescribing import Prescription
from prescriptions.names import DRUG_COUNT_ID
from prescriptions.rules.counting import (
    MOST_COUNTED,
    MOST_DAYS,
    READABLE,
    Counted,
    Prescribed,
    counts,
    period_fault,
)
from prescriptions.rules.prescriptions import State
from tenants.api import STAFF_ID, Proposal, ProposalEvent, content_of, decide, propose, staff_in

ACT = "drug_counts"
_COUNTED = (State.PENDING_REVIEW, State.READY, State.COMPLETED, State.CLOSED_UNSUPPLIED, State.EXPIRED)
"""Signed, and neither rejected nor withdrawn."""


@dataclass(frozen=True)
class Wanted:
    """For what time counts are wanted, by local dates that are included, and why."""

    begins_on: date
    ends_on: date
    reason: str = field(repr=False)


@dataclass(frozen=True)
class Asked:
    """A request as its hospital reads it."""

    row: Proposal
    wanted: Wanted

    @property
    def version(self) -> int:
        """The request's."""
        return self.row.version


@dataclass(frozen=True)
class Told:
    """The counts, as who asked reads them until `expires_at`."""

    counts: Sequence[Counted] = field(repr=False)
    expires_at: datetime


def ask(scope: Scope, wanted: Wanted, by: Caller, effect: Effect | None = None) -> Asked:
    """Ask for counts; raises InvalidInput for a period that cannot be, Forbidden for a system."""

    def work(opened: Unit) -> Asked:
        rule = period_fault(wanted.begins_on, wanted.ends_on, local_date(opened.now))
        if rule:
            fault = Fault("/ends_on", rule, f"a period that is over or ends today, of at most {MOST_DAYS} days")
            raise InvalidInput("no counts for this period", faults=(fault,))
        id = new_id()
        content = {
            "reason": wanted.reason, "begins_on": wanted.begins_on.isoformat(), "ends_on": wanted.ends_on.isoformat(),
        }  # fmt: skip
        return asked(opened, propose(opened, ACT, PublicId(DRUG_COUNT_ID, scope, id), content, id=id))

    return run(scope, work, by, effect=effect)


def confirm(known: PublicId, by: Caller, effect: Effect | None = None) -> Asked:
    """Confirm somebody else's request, and count; raises NotFound, Forbidden `own_proposal`, WrongState, also
    `too_many_prescriptions`.
    """

    def work(opened: Unit) -> Asked:
        row = decide(opened, known.id, ProposalEvent.CONFIRM, {ACT})
        request = asked(opened, row)
        found = counts(_prescribed(opened, request.wanted))
        sealed = opened.cipher.seal(orjson.dumps([asdict(one) for one in found]), _place(opened.scope, row.id))
        opened.add(
            DrugCount(
                id=row.id, requested_by=row.proposed_by, content=sealed, version=1, due_at=opened.now + READABLE
            )
        )  # fmt: skip
        record(opened, "drug_counts.made", known, 1, {"rows": len(found)})
        return request

    return run(known.scope, work, by, effect=effect)


def withdraw(known: PublicId, by: Caller, effect: Effect | None = None) -> Asked:
    """Take back one's own request; raises NotFound, Forbidden, WrongState."""
    return run(
        known.scope,
        lambda opened: asked(opened, decide(opened, known.id, ProposalEvent.WITHDRAW, {ACT})),
        by,
        effect=effect,
    )


def read(known: PublicId, by: Caller) -> Told:
    """The counts, for who asked for them and nobody else; the first reading in a quarter of an hour is an entry.

    Raises NotFound for anybody else, before the confirmation, and after `READABLE`.
    """

    def work(opened: Unit) -> Told:
        row = opened.get(DrugCount, known.id, lock=True)
        if row is None or row.requested_by != staff_in(by.actor) or row.due_at <= opened.now:
            raise NotFound
        quarter = quarter_of(opened.now)
        if row.read_in != quarter:
            row.read_in, row.version = quarter, row.version + 1
            record(opened, "drug_counts.read", known, row.version, {})
        found = orjson.loads(opened.cipher.open(row.content, _place(opened.scope, row.id)))
        return Told([Counted(**one) for one in found], row.due_at)

    return run(known.scope, work, by)


def asked(opened: Unit, row: Proposal) -> Asked:
    """A request as its hospital reads it."""
    said = content_of(opened, row)
    begins_on, ends_on = (date.fromisoformat(said[name]) for name in ("begins_on", "ends_on"))
    return Asked(row, Wanted(begins_on, ends_on, said["reason"]))


def _prescribed(opened: Unit, wanted: Wanted) -> Iterator[Prescribed]:
    begin = datetime.combine(wanted.begins_on, time.min, ZONE)
    end = datetime.combine(wanted.ends_on + timedelta(days=1), time.min, ZONE)
    mine = (Prescription.signed_at >= begin, Prescription.signed_at < end, Prescription.state.in_(_COUNTED))
    rows = opened.all(opened.select(Prescription).where(*mine).order_by(Prescription.id).limit(MOST_COUNTED + 1))
    if len(rows) > MOST_COUNTED:
        raise WrongState(f"more than {MOST_COUNTED} prescriptions: ask for less time", code="too_many_prescriptions")
    for row in rows:
        doctor = str(PublicId(STAFF_ID, opened.scope, row.doctor_id))
        for line in written_in(opened, row).lines:
            name = line.listed.name if line.listed else ""
            yield Prescribed(doctor, row.doctor_name, line.medicine, name, line.quantity)


def _place(scope: Scope, id: uuid.UUID) -> str:
    return f"tenant:{scope.require_tenant()}/drug_counts/content/{id}"
