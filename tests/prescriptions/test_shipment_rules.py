"""The rules of shipments, without a database."""

from datetime import UTC, datetime
from itertools import product

from prescriptions.rules.orders import ENDED, LIVE, OrderState
from prescriptions.shipments.rules import CARRIED, COMES_BACK, KEPT, OPEN, OUT, ShipmentEvent, ShipmentState, due, move
from prescriptions.shipments.service.asking import ASKABLE

S, E = ShipmentState, ShipmentEvent
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALLOWED = {
    (S.ASKED, E.GIVEN): S.GIVEN, (S.ASKED, E.DECLINED): S.DECLINED, (S.ASKED, E.CALLED_OFF): S.CALLED_OFF,
    (S.ASKED, E.ORDER_FULFILLED): S.CALLED_OFF, (S.ASKED, E.ORDER_ENDED): S.CALLED_OFF,
    (S.GIVEN, E.GIVEN): S.GIVEN, (S.GIVEN, E.DECLINED): S.DECLINED, (S.GIVEN, E.CALLED_OFF): S.CALLED_OFF,
    (S.GIVEN, E.PICKED_UP): S.PICKED_UP, (S.GIVEN, E.ORDER_FULFILLED): S.CALLED_OFF,
    (S.GIVEN, E.ORDER_ENDED): S.CALLED_OFF,
    (S.PICKED_UP, E.DEPARTED): S.UNDER_WAY, (S.PICKED_UP, E.FAILED): S.INCIDENT, (S.PICKED_UP, E.RETURNED): S.RETURNED,
    (S.PICKED_UP, E.ORDER_ENDED): S.INCIDENT,
    (S.UNDER_WAY, E.ORDER_FULFILLED): S.HANDED_OVER, (S.UNDER_WAY, E.FAILED): S.INCIDENT,
    (S.UNDER_WAY, E.RETURNED): S.RETURNED, (S.UNDER_WAY, E.ORDER_ENDED): S.INCIDENT,
    (S.INCIDENT, E.RETURNED): S.RETURNED, (S.INCIDENT, E.ORDER_ENDED): S.INCIDENT, (S.INCIDENT, E.NEVER_BACK): S.LOST,
}  # fmt: skip


def test_every_event_in_every_state() -> None:
    assert {key: found for key in product(S, E) if (found := move(*key))} == ALLOWED


def test_what_has_ended_stays_so_and_every_open_one_can_end() -> None:
    assert {state for state, _ in ALLOWED} == OPEN
    assert OUT < CARRIED < OPEN
    for state in OPEN:
        reached, before = {state}, set[ShipmentState]()
        while reached != before:
            before = set(reached)
            reached |= {after for (at, _), after in ALLOWED.items() if at in reached}
        assert S.RETURNED in reached and (S.HANDED_OVER in reached) == (state is not S.INCIDENT)


def test_a_parcel_that_is_out_is_handed_over_at_the_door_or_comes_back_or_is_lost() -> None:
    assert {after for (state, _), after in ALLOWED.items() if state in OUT} - OUT == {S.HANDED_OVER, S.RETURNED, S.LOST}
    assert {state for (state, _), after in ALLOWED.items() if after is S.HANDED_OVER} == {S.UNDER_WAY}


def test_nobody_learns_where_to_before_they_accepted() -> None:
    assert LIVE - {OrderState.OFFERED} == ASKABLE
    assert not ASKABLE & ENDED


def test_whatever_becomes_of_a_parcel_its_address_has_a_term_once_its_order_ended() -> None:
    for (_, event), after in ALLOWED.items():
        ended = after not in OPEN or event is E.ORDER_ENDED
        assert due(after, event, NOW) == (NOW + (KEPT if after not in OPEN else COMES_BACK) if ended else None)
