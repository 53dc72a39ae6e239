"""Moving a settlement: the one place where an event changes its state, and does what goes with it."""

from collections.abc import Callable, Mapping

from app.core.errors import WrongState
from app.core.ids import PublicId
from app.core.journal.record import Facts, record
from app.core.unit import Unit
from app.payments.api import LARGEST, BillLine, insurer_owes, open_bill, request_cancel, request_refund
from insurance.errors import not_now
from insurance.ids import settlement_id
from insurance.models import Settlement
from insurance.rules.settlements import ASKING, Effect, Event, Kind, Payer, State, move, to_pay
from insurance.service.claiming import claim_for
from prescriptions.api import ORDER_ID, mark_settled

LINE, LINE_NAME = "medicine", "药品费"
"""A bill names no medicine: what somebody takes is nobody's business at a gateway."""


def happen(unit: Unit, row: Settlement, event: Event, reason: str | None = None) -> bool:
    """Let `event` happen to a settlement, which the unit holds locked; returns whether it changed anything.

    Raises WrongState, with nothing changed, where it would commit a supply that has ended meanwhile.
    """
    former = State(row.state)
    found = move(former, event, Payer(row.payer))
    if found is None:
        return False
    if Effect.COMMIT in found.effects and row.kind == Kind.MEDICINE:
        mark_settled(unit, PublicId.parse(row.subject, ORDER_ID), settlement_id(row))
    row.state = found.state
    if found.state is not former:
        row.reason, row.tries, row.due_at = reason, 0, unit.now if found.state in ASKING else None
        row.given_up_at = None  # a late answer ends what was left to people, too
        if former is not State.COMMITTING or found.state not in ASKING:  # settling and reversing have one day in all
            row.asking_since = row.due_at
    if found.state not in (State.PAYING, State.COMMITTING):
        row.credential = None
    for effect in sorted(found.effects):
        _DO[effect](unit, row)
    enter(unit, row, f"settlement.{found.state}" if found.state is not former else "settlement.refunding")
    return True


def require(unit: Unit, row: Settlement, event: Event, reason: str | None = None) -> None:
    """The same, for somebody who asks for it; raises WrongState where it changes nothing."""
    if not happen(unit, row, event, reason):
        raise not_now(row.state)


def commit_or_end(unit: Unit, row: Settlement, event: Event) -> None:
    """Let `event` commit the settlement; where what it is for has ended meanwhile, let that happen to it instead."""
    try:
        happen(unit, row, event)
    except WrongState as ended:
        happen(unit, row, Event.SUPPLY_ENDED, ended.code)
        happen(unit, row, event)  # what was paid goes back


def enter(unit: Unit, row: Settlement, happened: str) -> None:
    """Write the entry for what `happened` to a settlement as its next version."""
    row.version += 1
    record(unit, happened, settlement_id(row), row.version, facts_of(row))


def facts_of(row: Settlement) -> Facts:
    """What entries say of a settlement: ids, codes and amounts."""
    facts: dict[str, int | str] = {
        "subject": row.subject, "payer": row.payer, "state": row.state, "total": row.total, "fund": row.fund,
        "account": row.account, "cash": row.cash,
    }  # fmt: skip
    if row.reason:
        facts["reason"] = row.reason
    if row.reversed_by:
        facts["reversed_by"] = row.reversed_by
    return facts


def due_now(row: Settlement) -> int:
    """What the resident pays on confirmation, in fen."""
    return to_pay(Payer(row.payer), Kind(row.kind), row.total, row.cash)


def too_large(row: Settlement) -> bool:
    """Whether no gateway takes at once what the resident would pay."""
    return due_now(row) > LARGEST


def _open_bill(unit: Unit, row: Settlement) -> None:
    lines = [BillLine(LINE, LINE_NAME, due_now(row))]
    row.bill_id = open_bill(unit, payer=row.resident_id, purpose=settlement_id(row), lines=lines).id


def _close_bill(unit: Unit, row: Settlement) -> None:
    if row.bill_id is not None:
        request_cancel(unit, row.bill_id)


def _refund(unit: Unit, row: Settlement) -> None:
    """Give back what was paid for the supply; a visit stays paid as it was."""
    if row.bill_id is not None and row.prepaid and row.refund_id is None:
        row.refund_id = request_refund(unit, row.bill_id, row.prepaid, f"settlement_{row.state}").id


def _commit(unit: Unit, row: Settlement) -> None:
    _owe(unit, row, row.fund + row.account)
    if row.kind == Kind.VISIT:
        claim_for(unit, row, row.service_date)


def _take_back(unit: Unit, row: Settlement) -> None:
    _owe(unit, row, -(row.fund + row.account))


def _owe(unit: Unit, row: Settlement, amount: int) -> None:
    """What a public scheme settles is owed from then on; what a commercial insurer bears is known with its decision."""
    if amount and row.insurer is not None and row.payer == Payer.PUBLIC_SCHEME:
        insurer_owes(unit, row.resident_id, row.id, row.insurer, amount)


_DO: Mapping[Effect, Callable[[Unit, Settlement], None]] = {
    Effect.OPEN_BILL: _open_bill,
    Effect.CLOSE_BILL: _close_bill,
    Effect.REFUND: _refund,
    Effect.COMMIT: _commit,
    Effect.TAKE_BACK: _take_back,
}
