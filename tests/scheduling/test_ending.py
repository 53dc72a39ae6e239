"""How an appointment ends: by its hold, its resident, its money. What comes first decides; the place returns once."""

from collections.abc import Callable

import pytest

from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import unit
from app.payments.models import Bill
from app.payments.rules.payments import PaymentState
from app.scheduling.ids import appointment_public_id
from app.scheduling.models import Appointment, PersonAppointment
from app.scheduling.service.cancellation import cancel
from app.scheduling.timers import end_holds
from tests.core.journal.scenes import chain, own
from tests.platform import Platform
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import (
    BY,
    Hospital,
    at,
    begin_payment,
    booked,
    canceled,
    canceled_by_staff,
    pay,
    payment_ends,
    refund_arrives,
    residents_of,
    settle,
    tomorrow,
)

HELD_MINUTES = 10


def hear(platform: Platform, hospital: Hospital) -> None:
    settle(platform, hospital.scope, *residents_of(hospital.appointments()))


def standing(hospital: Hospital, appointment: Appointment) -> tuple[str, str | None]:
    now = hospital.one(appointment)
    return now.state, now.reason


def taken(hospital: Hospital) -> list[int]:
    hospital.balanced()
    return [slot.taken for slot in hospital.slots()]


def bill_of(hospital: Hospital, appointment: Appointment) -> Bill:
    with unit(hospital.scope) as reading:
        bill = reading.get(Bill, appointment.bill_id or new_id())
    assert bill
    return bill


def test_what_is_paid_in_time_is_confirmed_with_a_number(platform: Platform, hospital: Hospital) -> None:
    slot = hospital.slot()
    first, second = booked(slot), booked(slot)
    for appointment in (second, first):
        pay(hospital, appointment)
        hear(platform, hospital)
    assert [hospital.one(one).number for one in (first, second)] == [2, 1]
    assert standing(hospital, first) == ("confirmed", None)
    assert hospital.one(first).due_at is None
    assert end_holds(hospital.scope) == 0
    assert taken(hospital) == [2]


def test_the_person_hears_every_step(platform: Platform, hospital: Hospital) -> None:
    appointment = booked(hospital.slot())
    pay(hospital, appointment)
    hear(platform, hospital)
    with unit(Scope.for_person(appointment.resident_id)) as reading:
        kept = reading.all(reading.select(PersonAppointment))
    assert [(one.state, one.number, one.source_version) for one in kept] == [("confirmed", 1, 2)]
    assert [row[3] for row in chain(platform, Scope.for_person(appointment.resident_id))] == [1, 2]


def test_a_hold_ends_and_the_place_returns(platform: Platform, clock: Clock, hospital: Hospital) -> None:
    slot = hospital.slot(places=1)
    appointment = booked(slot)
    clock.forward(minutes=HELD_MINUTES, seconds=-5)
    assert end_holds(hospital.scope) == 0
    clock.forward(seconds=10)
    assert end_holds(hospital.scope) == 1
    assert standing(hospital, appointment) == ("releasing", "unpaid")
    assert taken(hospital) == [1]
    hear(platform, hospital)
    assert standing(hospital, appointment) == ("released", "unpaid")
    assert taken(hospital) == [0]
    booked(slot)
    assert taken(hospital) == [1]


def test_a_place_waits_while_the_gateway_does_not_answer(platform: Platform, clock: Clock, hospital: Hospital) -> None:
    appointment = booked(hospital.slot())
    payment = begin_payment(hospital, appointment)
    clock.forward(minutes=HELD_MINUTES + 1)
    end_holds(hospital.scope)
    for _ in range(3):
        clock.forward(hours=1)
        assert end_holds(hospital.scope) == 0
        hear(platform, hospital)
        assert standing(hospital, appointment) == ("releasing", "unpaid")
        assert taken(hospital) == [1]
    payment_ends(hospital, payment, PaymentState.CANCELED)
    hear(platform, hospital)
    assert standing(hospital, appointment) == ("released", "unpaid")
    assert taken(hospital) == [0]


@pytest.mark.parametrize("order", ["paid, ended, heard", "ended, paid, heard", "paid, heard, ended"])
def test_payment_at_the_moment_of_expiry(platform: Platform, clock: Clock, hospital: Hospital, order: str) -> None:
    appointment = booked(hospital.slot())
    payment = begin_payment(hospital, appointment)
    clock.forward(minutes=HELD_MINUTES + 1)
    steps: dict[str, Callable[[], object]] = {
        "paid": lambda: payment_ends(hospital, payment, PaymentState.SUCCEEDED),
        "ended": lambda: end_holds(hospital.scope),
        "heard": lambda: hear(platform, hospital),
    }
    for step in order.split(", "):
        steps[step]()
    hear(platform, hospital)
    assert standing(hospital, appointment) == ("confirmed", None)
    assert bill_of(hospital, appointment).state == "paid"
    assert taken(hospital) == [1]


def test_canceled_in_time_everything_goes_back(platform: Platform, hospital: Hospital) -> None:
    appointment = booked(hospital.slot())
    pay(hospital, appointment)
    hear(platform, hospital)
    canceled(hospital, appointment)
    assert standing(hospital, appointment) == ("canceled_refunding", "canceled")
    assert taken(hospital) == [0]
    assert own(platform, hospital.scope, "amount", "refunds") == [(5000,)]
    hear(platform, hospital)
    refund_arrives(hospital, appointment)
    hear(platform, hospital)
    assert standing(hospital, appointment) == ("canceled", "canceled")
    types = [row[4] for row in chain(platform, hospital.scope)]
    assert sum('"type":"appointment.canceled"' in text for text in types) == 1
    assert sum('"type":"appointment.refunded"' in text for text in types) == 1


def test_a_free_one_is_canceled_at_once(hospital: Hospital) -> None:
    appointment = booked(hospital.slot(fee_lines=[]))
    canceled(hospital, appointment)
    assert standing(hospital, appointment) == ("canceled", "canceled")
    assert taken(hospital) == [0]


def test_a_held_one_is_given_up(platform: Platform, hospital: Hospital) -> None:
    appointment = booked(hospital.slot())
    canceled(hospital, appointment)
    assert standing(hospital, appointment) == ("releasing", "canceled")
    hear(platform, hospital)
    assert standing(hospital, appointment) == ("released", "canceled")
    assert taken(hospital) == [0]
    assert bill_of(hospital, appointment).state == "canceled"


def test_who_gave_up_and_was_paid_for_meanwhile_gets_it_back(platform: Platform, hospital: Hospital) -> None:
    appointment = booked(hospital.slot())
    payment = begin_payment(hospital, appointment)
    canceled(hospital, appointment)
    payment_ends(hospital, payment, PaymentState.SUCCEEDED)
    hear(platform, hospital)
    assert standing(hospital, appointment) == ("canceled_refunding", "canceled")
    assert taken(hospital) == [0]
    refund_arrives(hospital, appointment)
    hear(platform, hospital)
    assert standing(hospital, appointment) == ("canceled", "canceled")
    assert own(platform, hospital.scope, "amount", "refunds") == [(5000,)]


def test_a_hold_is_given_up_and_a_free_place_too_until_it_begins(clock: Clock, hospital: Hospital) -> None:
    free, held = booked(hospital.slot(fee_lines=[])), booked(hospital.slot())
    clock.set(at(tomorrow(), 8))
    canceled(hospital, held)
    canceled(hospital, free)
    late = booked(hospital.slot(fee_lines=[]))
    clock.set(at(tomorrow(), 9))
    with pytest.raises(WrongState) as refused:
        canceled(hospital, late)
    assert refused.value.code == "cancellation_closed"


def test_after_the_cut_off_only_staff_cancels(platform: Platform, clock: Clock, hospital: Hospital) -> None:
    appointment = booked(hospital.slot())
    pay(hospital, appointment)
    hear(platform, hospital)
    cut_off = at(tomorrow(), 7)
    clock.set(cut_off)
    assert hospital.one(appointment).cancel_until == cut_off
    with pytest.raises(WrongState) as refused:
        canceled(hospital, appointment)
    assert refused.value.code == "cancellation_closed"
    assert standing(hospital, appointment) == ("confirmed", None)
    canceled_by_staff(hospital, appointment)
    assert standing(hospital, appointment) == ("canceled_refunding", "canceled")
    assert taken(hospital) == [0]


def test_nothing_ends_twice(platform: Platform, hospital: Hospital) -> None:
    appointment = booked(hospital.slot(fee_lines=[]))
    canceled(hospital, appointment)
    for again in (canceled, canceled_by_staff):
        with pytest.raises(WrongState) as refused:
            again(hospital, appointment)
        assert refused.value.code == "appointment_ended"
    assert taken(hospital) == [0]


def test_strangers_cancel_nothing(hospital: Hospital) -> None:
    appointment = booked(hospital.slot())
    known = appointment_public_id(appointment)
    stranger = Scope.for_person(new_id())
    for caller in (stranger, Hospital().scope):
        with pytest.raises(NotFound):
            cancel(caller, known, BY)
    of_a_person = PublicId("apt", Scope.for_person(appointment.resident_id), appointment.id)
    with pytest.raises(NotFound):
        cancel(Scope.for_person(appointment.resident_id), of_a_person, BY)
    assert standing(hospital, appointment) == ("held", None)


def test_a_relay_carried_twice_changes_nothing(platform: Platform, clock: Clock, hospital: Hospital) -> None:
    """A late word of a bill that has ended finds nothing to change."""
    appointment = booked(hospital.slot())
    payment = begin_payment(hospital, appointment)
    clock.forward(minutes=HELD_MINUTES + 1)
    end_holds(hospital.scope)
    payment_ends(hospital, payment, PaymentState.FAILED)
    payment_ends(hospital, payment, PaymentState.CANCELED)
    hear(platform, hospital)
    assert standing(hospital, appointment) == ("released", "unpaid")
    payment_ends(hospital, payment, PaymentState.SUCCEEDED)
    hear(platform, hospital)
    assert standing(hospital, appointment) == ("released", "unpaid")
    refund_arrives(hospital, appointment)
    hear(platform, hospital)
    assert standing(hospital, appointment) == ("released", "unpaid")
    answers = [row[0] for row in own(platform, hospital.scope, "answer", "relays", order="seq")]
    assert {"refused": "another_refund"} in answers
    assert taken(hospital) == [0]
