"""The life of a settlement: which event leads where, and what has to be done on the way. Pure.

A settlement says who bears what of one supply or visit. Its trial holds nothing; what is prepaid goes back by itself
wherever the settlement ends without being committed, and what a public scheme may have settled is reversed there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Payer(StrEnum):
    """Who bears what the resident does not."""

    SELF = "self"
    PUBLIC_SCHEME = "public_scheme"
    COMMERCIAL = "commercial"


class Kind(StrEnum):
    """What is settled."""

    VISIT = "visit"
    MEDICINE = "medicine"


class State(StrEnum):
    """Where a settlement stands."""

    ASKED = "asked"
    """The scheme is being asked for its trial."""
    TRIAL = "trial"
    """The split is known and shown; nothing is held."""
    PAYING = "paying"
    """Confirmed; the resident's part is to be paid."""
    COMMITTING = "committing"
    """The scheme is being asked to settle."""
    COMMITTED = "committed"
    REFUSED = "refused"
    CANCELED = "canceled"
    REVERSING = "reversing"
    """The scheme is being asked to take back what it settled, or may have settled."""
    REVERSED = "reversed"


class Event(StrEnum):
    """What can happen to a settlement."""

    TRIED = "tried"
    """The scheme answered with its split."""
    CONFIRMED_TO_PAY = "confirmed_to_pay"
    CONFIRMED_AT_SCHEME = "confirmed_at_scheme"
    """Confirmed, nothing to pay, a scheme has to settle."""
    CONFIRMED = "confirmed"
    """Confirmed, nothing to pay, nobody else to ask."""
    PAID_AT_SCHEME = "paid_at_scheme"
    """Paid, and a scheme has to settle."""
    PAID = "paid"
    SETTLED = "settled"
    """The scheme settled."""
    REFUSED = "refused"
    """The scheme will not settle, or not so."""
    DOUBTED = "doubted"
    """The scheme may have settled, or may still settle, what shall not be settled so."""
    CANCELED = "canceled"
    """The resident gives it up."""
    SUPPLY_ENDED = "supply_ended"
    """What it is for will not be supplied."""
    UNDONE = "undone"
    """The scheme took it back."""
    CLAIM_WITHDRAWN = "claim_withdrawn"
    """The provider took its claim back, and the insurer agreed."""
    CLAIM_TURNED_AWAY = "claim_turned_away"
    """The insurer opened no case for the claim."""


class Effect(StrEnum):
    """What a move asks of others, in the same unit."""

    OPEN_BILL = "open_bill"
    CLOSE_BILL = "close_bill"
    REFUND = "refund"
    """The cash part goes back."""
    COMMIT = "commit"
    """The supply is marked as settled, the insurer's share is booked, a visit is claimed for."""
    TAKE_BACK = "take_back"
    """What COMMIT booked is booked back."""


@dataclass(frozen=True)
class Move:
    """Where a settlement goes, and what is to be done."""

    state: State
    effects: frozenset[Effect] = frozenset()


_REFUND = frozenset({Effect.REFUND})
_COMMITTED = Move(State.COMMITTED, frozenset({Effect.COMMIT}))
_MOVES: Mapping[tuple[State, Event], Move] = {
    (State.ASKED, Event.TRIED): Move(State.TRIAL),
    (State.ASKED, Event.REFUSED): Move(State.REFUSED),
    (State.ASKED, Event.CANCELED): Move(State.CANCELED),
    (State.ASKED, Event.SUPPLY_ENDED): Move(State.CANCELED),
    (State.TRIAL, Event.CONFIRMED_TO_PAY): Move(State.PAYING, frozenset({Effect.OPEN_BILL})),
    (State.TRIAL, Event.CONFIRMED_AT_SCHEME): Move(State.COMMITTING),
    (State.TRIAL, Event.CONFIRMED): _COMMITTED,
    (State.TRIAL, Event.CANCELED): Move(State.CANCELED),
    (State.TRIAL, Event.SUPPLY_ENDED): Move(State.CANCELED),
    (State.PAYING, Event.PAID_AT_SCHEME): Move(State.COMMITTING),
    (State.PAYING, Event.PAID): _COMMITTED,
    (State.PAYING, Event.CANCELED): Move(State.CANCELED, frozenset({Effect.CLOSE_BILL})),
    (State.PAYING, Event.SUPPLY_ENDED): Move(State.CANCELED, frozenset({Effect.CLOSE_BILL})),
    # the payment that came while the bill was being closed
    (State.CANCELED, Event.PAID): Move(State.CANCELED, _REFUND),
    (State.CANCELED, Event.PAID_AT_SCHEME): Move(State.CANCELED, _REFUND),
    (State.COMMITTING, Event.SETTLED): _COMMITTED,
    (State.COMMITTING, Event.REFUSED): Move(State.REFUSED, _REFUND),
    (State.COMMITTING, Event.DOUBTED): Move(State.REVERSING, _REFUND),
    (State.COMMITTING, Event.SUPPLY_ENDED): Move(State.REVERSING, _REFUND),
    (State.COMMITTED, Event.SUPPLY_ENDED): Move(State.REVERSING, frozenset({Effect.REFUND, Effect.TAKE_BACK})),
    # nobody decides about it any more: another coverage may
    (State.COMMITTED, Event.CLAIM_WITHDRAWN): Move(State.REVERSED),
    (State.COMMITTED, Event.CLAIM_TURNED_AWAY): Move(State.REVERSED),
    (State.REVERSING, Event.UNDONE): Move(State.REVERSED),
}
ASKING = frozenset({State.ASKED, State.COMMITTING, State.REVERSING})
"""States in which the worker asks a scheme until it knows."""
LIVE = frozenset({State.TRIAL, State.PAYING, State.COMMITTED}) | ASKING
"""States in which nothing else may be settled for the same subject."""


def move(state: State, event: Event, payer: Payer = Payer.PUBLIC_SCHEME) -> Move | None:
    """What `event` does to a settlement in `state`; None where it changes nothing."""
    found = _MOVES.get((state, event))
    if found is not None and found.state is State.REVERSING and payer is not Payer.PUBLIC_SCHEME:
        return Move(State.REVERSED, found.effects)  # nobody else has settled anything
    return found


def confirmed(payer: Payer, to_pay: int) -> Event:
    """What a resident's confirmation is, by what there is to pay now, in fen."""
    if to_pay:
        return Event.CONFIRMED_TO_PAY
    return Event.CONFIRMED_AT_SCHEME if payer is Payer.PUBLIC_SCHEME else Event.CONFIRMED


def paid(payer: Payer) -> Event:
    """What the payment of the resident's part is."""
    return Event.PAID_AT_SCHEME if payer is Payer.PUBLIC_SCHEME else Event.PAID


def to_pay(payer: Payer, kind: Kind, total: int, cash: int) -> int:
    """What the resident pays on confirmation, in fen: a visit was paid before it began, an insurer decides later."""
    if kind is Kind.VISIT:
        return 0
    return cash if payer is Payer.PUBLIC_SCHEME else total
