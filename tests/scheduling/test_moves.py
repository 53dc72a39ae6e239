"""The life of an appointment, state by state and event by event."""

from itertools import product

import pytest

from app.scheduling.rules.moves import HOLDING, Effect, Event, Reason, Standing, State, move

ENDING = (Reason.UNPAID, Reason.CANCELED, Reason.STOPPED)
GIVEN_UP = (Reason.CANCELED, Reason.STOPPED)
STANDINGS: list[Standing] = [
    (State.HELD, None),
    (State.CONFIRMED, None),
    *((State.RELEASING, reason) for reason in ENDING),
    *((State.RELEASED, reason) for reason in ENDING),
    *((State.CANCELED_REFUNDING, reason) for reason in GIVEN_UP),
    *((State.CANCELED, reason) for reason in GIVEN_UP),
]
PAIRS = list(product(STANDINGS, Event))
TABLE: dict[Standing, dict[Event, tuple[State, Reason | None, set[Effect]]]] = {
    # standing: {event: (state, reason, effects)}; what is not here changes nothing
    (State.HELD, None): {
        Event.HOLD_ENDED: (State.RELEASING, Reason.UNPAID, {Effect.CLOSE_BILL}),
        Event.CANCELED: (State.RELEASING, Reason.CANCELED, {Effect.CLOSE_BILL}),
        Event.STOPPED: (State.RELEASING, Reason.STOPPED, {Effect.CLOSE_BILL}),
        Event.PAID: (State.CONFIRMED, None, {Effect.GIVE_NUMBER}),
        Event.BILL_CANCELED: (State.RELEASED, Reason.UNPAID, {Effect.RETURN_PLACE}),
    },
    (State.RELEASING, Reason.UNPAID): {
        Event.PAID: (State.CONFIRMED, None, {Effect.GIVE_NUMBER}),
        Event.CANCELED: (State.RELEASING, Reason.CANCELED, set()),
        Event.STOPPED: (State.RELEASING, Reason.STOPPED, set()),
        Event.BILL_CANCELED: (State.RELEASED, Reason.UNPAID, {Effect.RETURN_PLACE}),
    },
    (State.RELEASING, Reason.CANCELED): {
        Event.PAID: (State.CANCELED_REFUNDING, Reason.CANCELED, {Effect.RETURN_PLACE, Effect.REFUND}),
        Event.STOPPED: (State.RELEASING, Reason.STOPPED, set()),
        Event.BILL_CANCELED: (State.RELEASED, Reason.CANCELED, {Effect.RETURN_PLACE}),
    },
    (State.RELEASING, Reason.STOPPED): {
        Event.PAID: (State.CANCELED_REFUNDING, Reason.STOPPED, {Effect.RETURN_PLACE, Effect.REFUND}),
        Event.BILL_CANCELED: (State.RELEASED, Reason.STOPPED, {Effect.RETURN_PLACE}),
    },
    (State.CONFIRMED, None): {
        Event.CANCELED: (State.CANCELED_REFUNDING, Reason.CANCELED, {Effect.RETURN_PLACE, Effect.REFUND}),
        Event.STOPPED: (State.CANCELED_REFUNDING, Reason.STOPPED, {Effect.RETURN_PLACE, Effect.REFUND}),
    },
    (State.CANCELED_REFUNDING, Reason.CANCELED): {Event.REFUNDED: (State.CANCELED, Reason.CANCELED, set())},
    (State.CANCELED_REFUNDING, Reason.STOPPED): {Event.REFUNDED: (State.CANCELED, Reason.STOPPED, set())},
}


def test_every_event_in_every_state() -> None:
    moves = {(standing, event): move(standing, event, billed=True) for standing, event in PAIRS}
    assert {pair: (found.state, found.reason, set(found.effects)) for pair, found in moves.items() if found} == {
        (standing, event): expected for standing, events in TABLE.items() for event, expected in events.items()
    }


@pytest.mark.parametrize("event", [Event.CANCELED, Event.STOPPED])
def test_what_cost_nothing_is_canceled_at_once(event: Event) -> None:
    found = move((State.CONFIRMED, None), event, billed=False)
    assert found and (found.state, set(found.effects)) == (State.CANCELED, {Effect.RETURN_PLACE})


@pytest.mark.parametrize("billed", [True, False])
def test_a_place_returns_exactly_when_nobody_holds_it_any_more(billed: bool) -> None:
    moves = {(standing, event): move(standing, event, billed=billed) for standing, event in PAIRS}
    there = {pair: found for pair, found in moves.items() if found}
    before, after = (
        {pair for pair in there if pair[0][0] in HOLDING},
        {p for p, m in there.items() if m.state in HOLDING},
    )
    assert {pair for pair, found in there.items() if Effect.RETURN_PLACE in found.effects} == before - after
    assert after - before == set(), "who does not hold a place takes none"


def test_only_an_ending_has_a_reason() -> None:
    moves = {(standing, event): move(standing, event, billed=True) for standing, event in PAIRS}
    there = {pair: found for pair, found in moves.items() if found}
    living = {pair for pair, found in there.items() if found.state in (State.HELD, State.CONFIRMED)}
    assert {pair for pair, found in there.items() if found.reason is None} == living
