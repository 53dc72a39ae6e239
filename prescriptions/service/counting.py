"""Counts by doctor and medicine: asked for with a reason, confirmed by somebody else, read by who asked for a day.

The request is a proposal of two people's; once it is confirmed the worker counts (`tallying`). Nothing else in the
platform puts doctors and medicines together.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from app.core.calendar import local_date
from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.looks import quarter_of
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from prescriptions.content import counts_in
from prescriptions.models.counting import DrugCount
from prescriptions.names import DRUG_COUNT_ID
from prescriptions.rules.counting import (
    MOST_COUNTED,
    MOST_DAYS,
    Counted,
    CountState,
    RequestState,
    period_fault,
    request_state,
)
from tenants.api import Proposal, ProposalEvent, content_of, decide, propose, staff_in

ACT = "drug_counts"


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
    state: RequestState

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
    """Confirm somebody else's request: the worker counts; raises NotFound, Forbidden `own_proposal`, WrongState."""

    def work(opened: Unit) -> Asked:
        row = decide(opened, known.id, ProposalEvent.CONFIRM, {ACT})
        made = opened.add(
            DrugCount(
                id=row.id, requested_by=row.proposed_by, state=CountState.CONFIRMED, confirmed_at=opened.now,
                version=1, due_at=opened.now,
            )
        )  # fmt: skip
        record(opened, "drug_counts.confirmed", known, 1, {})
        return asked(opened, row, made)

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

    Raises NotFound for anybody else, before the confirmation, and after `READABLE`; WrongState `counts_not_ready` while
    it is counted, and `too_many_prescriptions`.
    """

    def work(opened: Unit) -> Told:
        row = _readable(opened, known.id, staff_in(by.actor))
        quarter = quarter_of(opened.now)
        if row.read_in != quarter:
            row.read_in, row.version = quarter, row.version + 1
            record(opened, "drug_counts.read", known, row.version, {})
        return Told(counts_in(opened, row), row.due_at)

    return run(known.scope, work, by)


def asked(opened: Unit, row: Proposal, made: DrugCount | None = None) -> Asked:
    """A request as its hospital reads it; with what is counted for it, where there is that."""
    wanted = wanted_of(opened, row)
    return Asked(row, wanted, request_state(row.state, made.state if made else None))


def wanted_of(opened: Unit, row: Proposal) -> Wanted:
    """What the request wants."""
    said = content_of(opened, row)
    begins_on, ends_on = (date.fromisoformat(said[name]) for name in ("begins_on", "ends_on"))
    return Wanted(begins_on, ends_on, said["reason"])


def _readable(opened: Unit, id: uuid.UUID, reader: uuid.UUID) -> DrugCount:
    row = opened.get(DrugCount, id, lock=True)
    if row is None or row.requested_by != reader:
        raise NotFound
    if row.state in (CountState.CONFIRMED, CountState.COUNTING):
        raise WrongState("they are being counted: come back in a moment", code="counts_not_ready")
    if row.due_at <= opened.now:
        raise NotFound
    if row.state == CountState.TOO_MANY:
        raise WrongState(f"more than {MOST_COUNTED} prescriptions: ask for less time", code="too_many_prescriptions")
    return row
