"""Going on with what a public scheme is asked: a unit says what is wanted, the call is made, another unit notes what
was said.

Whoever drives, a request or the worker, does the same. Two at once are harmless: a settlement has one number at the
scheme for ever, settling it twice settles it once, and reversing it is right before, during and after. Who does not
know what became of a number asks, and never guesses.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import select

from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run, unit
from insurance.connectors.scheme import Question
from insurance.connectors.wire import Reach
from insurance.ids import settlement_id
from insurance.models import Settlement
from insurance.rules.reversals import RARELY, is_doubted, is_left_to_people
from insurance.rules.settlements import Event, State
from insurance.rules.splits import Split
from insurance.service.calls import Call, Said
from insurance.service.connections import reach_of
from insurance.service.content import content_of, credential_of, seal_content
from insurance.service.moving import commit_or_end, enter, happen, too_large

LEASE = timedelta(seconds=60)
"""Longer than the calls of one turn take in all."""
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(minutes=10)
MOST_TRIALS = 6
"""A trial that is not answered is given up after as many tries: the resident may ask again, or pay alone."""
ALARMING_TRIES = 7
"""About a minute without an answer: from then on the pause is longer than a lease, so that the figure of what is put
off shows it, and each further try is an alarm in the log.
"""
BATCH = 20
log = structlog.get_logger()
SILENT = "scheme_unavailable"
SPLIT_CHANGED = "split_changed"
TOO_LARGE = "amount_too_large"


def drive(scope: Scope, settlement: uuid.UUID) -> bool:
    """Ask what is due to be asked about a settlement now; False where the scheme did not answer."""
    call = run(scope, partial(_wanted, settlement=settlement))
    if call is None:
        return True
    said = call.perform()
    run(scope, partial(_noted, settlement=settlement, call=call, said=said))
    if said.silent:
        _tell(call, said)
    return not said.silent


def _tell(call: Call, said: Said) -> None:
    known = {"settlement": call.number, "state": call.state.value, "tries": call.tries, "reason": said.trouble}
    if call.tries < ALARMING_TRIES or call.given_up:  # people were told
        log.warning("settlement_unanswered", **known)
    else:
        log.error("settlement_unanswered", **known)


def drive_due(scope: Scope) -> int:
    """Go on with what is due in `scope`; returns how many that were.

    Where a scheme does not answer, what else waits for it is left for later, so that it holds up neither other tenants
    nor what waits for other schemes.
    """
    with unit(scope) as reading:
        due = _due(reading)
    return sum(_drive_until_silent(scope, of_scheme) for of_scheme in due)


def _due(reading: Unit) -> list[list[uuid.UUID]]:
    """What is due, by scheme, the longest due first; what was given up, perhaps at a dead address, holds up nothing."""
    mine = (Settlement.tenant_id == reading.scope.require_tenant(), Settlement.due_at <= reading.now)
    schemes = reading.session.scalars(select(Settlement.insurer).where(*mine).distinct().order_by(Settlement.insurer))
    order = (Settlement.given_up_at.is_not(None), Settlement.due_at)
    of_scheme = select(Settlement.id).where(*mine).order_by(*order).limit(BATCH)
    return [list(reading.session.scalars(of_scheme.where(Settlement.insurer == one))) for one in schemes.all()]


def _drive_until_silent(scope: Scope, settlements: Iterable[uuid.UUID]) -> int:
    done = 0
    for one in settlements:
        done += 1
        if not _driven(scope, one):
            break
    return done


def _driven(scope: Scope, one: uuid.UUID) -> bool:
    """As `drive`; a defect with one settlement must not keep the others', nor be met again at once."""
    try:
        return drive(scope, one)
    except Exception as error:
        log.error("settlement_not_driven", settlement=str(one), scope=str(scope), error=type(error).__name__)
        run(scope, partial(_passed, settlement=one))
        return True


def _passed(opened: Unit, settlement: uuid.UUID) -> None:
    """Put off what failed before it was leased."""
    row = opened.get(Settlement, settlement, lock=True)
    if row is not None and row.due_at is not None and row.due_at <= opened.now:
        row.tries += 1
        _later(opened, row)


def _wanted(opened: Unit, settlement: uuid.UUID) -> Call | None:
    """What to ask now, leased to the asker; None where nothing is due."""
    row = opened.get(Settlement, settlement, lock=True)
    if row is None or row.due_at is None or row.due_at > opened.now:
        return None
    reach = _reach(opened, row)
    row.due_at = opened.now + LEASE
    row.tries += 1  # counted before the call: who dies meanwhile has tried, too
    row.asking_since = row.asking_since or opened.now
    content = content_of(opened, row)
    question = Question(content.person, row.kind, row.subject, content.items)
    split = Split(row.total, row.fund, row.account, row.cash, row.fund_parts, content.split)
    return Call(
        State(row.state), str(settlement_id(row)), reach, question, split, credential_of(opened, row),
        row.reason or "supply_ended", row.tries, row.given_up_at is not None,
    )  # fmt: skip


def _reach(opened: Unit, row: Settlement) -> Reach:
    """Where to ask; from the first question that may have an effect on, for ever the same address."""
    reach = reach_of(opened, row.insurer, row.scheme_url)
    if reach is None:
        raise LookupError("a connection to a scheme vanished")
    if row.state != State.ASKED:
        row.scheme_url = reach.url
    return reach


def _noted(opened: Unit, settlement: uuid.UUID, call: Call, said: Said) -> None:
    """Note what was said, unless the settlement has moved on meanwhile."""
    row = opened.get(Settlement, settlement, lock=True)
    if row is None or row.state != call.state:
        return
    if not said.silent:
        _NOTE[call.state](opened, row, said)
    elif row.state == State.ASKED and row.tries >= MOST_TRIALS:
        happen(opened, row, Event.REFUSED, SILENT)
    else:
        _later(opened, row)


def _later(opened: Unit, row: Settlement) -> None:
    asked_for = opened.now - (row.asking_since or opened.now)
    if is_doubted(row.state, asked_for):
        _doubt(opened, row)
    elif is_left_to_people(row.state, asked_for):
        _give_up(opened, row)
    else:
        row.due_at = opened.now + min(SHORTEST * 2 ** min(row.tries - 1, 20), LONGEST)


def _doubt(opened: Unit, row: Settlement) -> None:
    """What was paid goes back, and the scheme is asked to take back what it may have settled. Without an answer people
    are told at once: it was silent for a day, and until it is known nothing else may be settled for the subject.
    """
    happen(opened, row, Event.DOUBTED, SILENT)
    log.error("settlement_doubted", settlement=str(settlement_id(row)), scope=str(opened.scope))


def _give_up(opened: Unit, row: Settlement) -> None:
    """People are told, once; the scheme is asked on, rarely, until it answers or somebody notes what became of it."""
    row.due_at = opened.now + RARELY
    if row.given_up_at is not None:
        return
    row.given_up_at = opened.now
    enter(opened, row, "settlement.given_up")
    log.error("settlement_given_up", settlement=str(settlement_id(row)), scope=str(opened.scope))


def _note_trial(opened: Unit, row: Settlement, said: Said) -> None:
    if said.split is None:
        happen(opened, row, Event.REFUSED, said.refusal)
        return
    _keep(opened, row, said.split)
    if too_large(row):
        happen(opened, row, Event.REFUSED, TOO_LARGE)
    else:
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


def _note_undone(opened: Unit, row: Settlement, _: Said) -> None:
    happen(opened, row, Event.UNDONE, row.reason)


def _as_shown(row: Settlement, split: Split) -> bool:
    return (row.fund, row.account, row.cash) == (split.fund, split.account, split.cash)


def _keep(opened: Unit, row: Settlement, split: Split) -> None:
    row.fund, row.account, row.cash, row.fund_parts = split.fund, split.account, split.cash, dict(split.fund_parts)
    row.content = seal_content(opened, "settlements", row.id, content_of(opened, row).split_as(split.lines))


_NOTE: Mapping[State, Callable[[Unit, Settlement, Said], None]] = {
    State.ASKED: _note_trial,
    State.COMMITTING: _note_settled,
    State.REVERSING: _note_undone,
}
TIMERS = (Timer("drive-settlements", (Settlement,), drive_due, asks=True),)
