"""Going on with what a public scheme is asked: a unit says what is wanted, the call is made, another unit notes what
was said.

Whoever drives, a request or the worker, does the same. Two at once are harmless: a settlement has one number at the
scheme for ever, settling it twice settles it once, and reversing it is right before, during and after. Who does not
know what became of a number asks, and never guesses.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import select

from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run, unit
from insurance.connectors.scheme import TAKEN_BACK, Question, Settled, scheme
from insurance.connectors.wire import Reach, SchemeRefused, SchemeUnavailable
from insurance.ids import settlement_id
from insurance.models import Settlement
from insurance.rules.settlements import Event, State
from insurance.rules.splits import Split
from insurance.service.connections import reach_of
from insurance.service.content import content_of, credential_of, seal_content
from insurance.service.moving import commit_or_end, happen

LEASE = timedelta(seconds=60)
"""Longer than the calls of one turn take in all."""
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(minutes=10)
MOST_TRIALS = 6
"""A trial that is not answered is given up after as many tries: the resident may ask again, or pay alone."""
BATCH = 20
log = structlog.get_logger()
SILENT = "scheme_unavailable"
CONFLICT = "settlement_conflict"
SPLIT_CHANGED = "split_changed"
REVERSED = "settlement_reversed"


@dataclass(frozen=True)
class Call:
    """What to ask about a settlement, with everything that the call needs."""

    state: State
    number: str
    reach: Reach
    question: Question
    shown: Split
    """The split that the resident has seen."""
    credential: str = field(repr=False)
    reason: str
    again: bool
    """Whether it was asked before, so that it may have had its effect."""

    def perform(self) -> "Said":
        """Make the call; never raises what a scheme may do."""
        try:
            return _STEPS[self.state](self)
        except SchemeRefused as refused:
            return Said(refusal=refused.code, doubt=self.again or refused.code == CONFLICT)
        except SchemeUnavailable:
            return Said()


@dataclass(frozen=True)
class Said:
    """What came of a call; nothing at all where the scheme gave no answer that can be believed."""

    split: Split | None = None
    number: str | None = None
    refusal: str | None = None
    doubt: bool = False
    """Whether an earlier call, of which nothing was heard, may still have its effect in spite of the refusal."""
    undone: bool = False

    @property
    def silent(self) -> bool:
        """Whether it has to be asked again."""
        return self.split is None and self.refusal is None and not self.undone


def drive(scope: Scope, settlement: uuid.UUID) -> bool:
    """Ask what is due to be asked about a settlement now; False where the scheme did not answer."""
    call = run(scope, partial(_wanted, settlement=settlement))
    if call is None:
        return True
    said = call.perform()
    run(scope, partial(_noted, settlement=settlement, call=call, said=said))
    return not said.silent


def drive_due(scope: Scope) -> int:
    """Go on with what is due in `scope`; returns how many that were.

    Where the scheme does not answer, the others are left for later, so that it holds up no other tenant.
    """
    with unit(scope) as reading:
        query = select(Settlement.id).where(
            Settlement.tenant_id == scope.require_tenant(), Settlement.due_at <= reading.now
        )
        due = list(reading.session.scalars(query.order_by(Settlement.due_at).limit(BATCH)))
    done = 0
    for one in due:
        done += 1
        if not _driven(scope, one):
            return done
    return done


def _driven(scope: Scope, one: uuid.UUID) -> bool:
    try:
        return drive(scope, one)
    except Exception as error:  # a defect with one settlement must not keep the others'
        log.error("settlement_not_driven", settlement=str(one), error=type(error).__name__)
        return True


def _wanted(opened: Unit, settlement: uuid.UUID) -> Call | None:
    """What to ask now, leased to the asker; None where nothing is due."""
    row = opened.get(Settlement, settlement, lock=True)
    if row is None or row.due_at is None or row.due_at > opened.now:
        return None
    reach = reach_of(opened, row.insurer)
    if reach is None:
        raise LookupError("a connection to a scheme vanished")
    row.due_at = opened.now + LEASE
    again, row.tries = row.tries > 0, row.tries + 1  # counted before the call: who dies meanwhile has tried, too
    content = content_of(opened, row)
    question = Question(content.person, row.kind, row.subject, content.items)
    split = Split(row.total, row.fund, row.account, row.cash, row.fund_parts, content.split)
    return Call(
        State(row.state), str(settlement_id(row)), reach, question, split, credential_of(opened, row),
        row.reason or "supply_ended", again,
    )  # fmt: skip


def _noted(opened: Unit, settlement: uuid.UUID, call: Call, said: Said) -> None:
    """Note what was said, unless the settlement has moved on meanwhile."""
    row = opened.get(Settlement, settlement, lock=True)
    if row is None or row.state != call.state:
        return
    if said.silent:
        _later(opened, row)
    else:
        _NOTE[call.state](opened, row, said)


def _later(opened: Unit, row: Settlement) -> None:
    if row.state == State.ASKED and row.tries >= MOST_TRIALS:
        happen(opened, row, Event.REFUSED, SILENT)
        return
    row.due_at = opened.now + min(SHORTEST * 2 ** min(row.tries - 1, 20), LONGEST)


def _trial(call: Call) -> Said:
    return Said(scheme().trial(call.reach, call.question))


def _settle(call: Call) -> Said:
    if call.again:
        known = _became(call)
        if isinstance(known, Settled):
            return Said(known.split, known.number)
        if known == TAKEN_BACK:
            return Said(refusal=REVERSED)
    done = scheme().settle(call.reach, call.question, call.number, call.credential, call.shown)
    return Said(done.split, done.number)


def _became(call: Call) -> Settled | str:
    try:
        return scheme().query(call.reach, call.number, call.question.items)
    except SchemeRefused as refused:  # that it will not say is no word about the settlement
        raise SchemeUnavailable(refused.code) from refused


def _reverse(call: Call) -> Said:
    scheme().reverse(call.reach, call.number, call.reason)
    return Said(undone=True)


def _note_trial(opened: Unit, row: Settlement, said: Said) -> None:
    if said.split is None:
        happen(opened, row, Event.REFUSED, said.refusal)
        return
    _keep(opened, row, said.split)
    happen(opened, row, Event.TRIED)


def _note_settled(opened: Unit, row: Settlement, said: Said) -> None:
    """What was settled otherwise than it was shown is reversed; the resident is asked anew."""
    if said.split is None:
        happen(opened, row, Event.DOUBTED if said.doubt else Event.REFUSED, said.refusal)
    elif not _as_shown(row, said.split):
        happen(opened, row, Event.DOUBTED, SPLIT_CHANGED)
    else:
        row.scheme_settlement = said.number
        _keep(opened, row, said.split)
        commit_or_end(opened, row, Event.SETTLED)


def _note_undone(opened: Unit, row: Settlement, said: Said) -> None:
    """A scheme that refuses to reverse is asked again: there is no other end."""
    if said.undone:
        happen(opened, row, Event.UNDONE, row.reason)
    else:
        _later(opened, row)


def _as_shown(row: Settlement, split: Split) -> bool:
    return (row.fund, row.account, row.cash) == (split.fund, split.account, split.cash)


def _keep(opened: Unit, row: Settlement, split: Split) -> None:
    row.fund, row.account, row.cash, row.fund_parts = split.fund, split.account, split.cash, dict(split.fund_parts)
    row.content = seal_content(opened, "settlements", row.id, content_of(opened, row).split_as(split.lines))


_STEPS: Mapping[State, Callable[[Call], Said]] = {
    State.ASKED: _trial,
    State.COMMITTING: _settle,
    State.REVERSING: _reverse,
}
_NOTE: Mapping[State, Callable[[Unit, Settlement, Said], None]] = {
    State.ASKED: _note_trial,
    State.COMMITTING: _note_settled,
    State.REVERSING: _note_undone,
}
TIMERS = (Timer("drive-settlements", (Settlement,), drive_due),)
