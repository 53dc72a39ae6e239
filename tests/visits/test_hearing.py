"""Relays of a type that several slices hear reach the slice that they concern."""

from app.core.ids import PublicId, new_id
from app.core.relays import Answer, Handler, Incoming, each_of
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.factory import hearing
from app.payments.api import BILL_PAID
from app.visits.names import EVENTS
from tests.platform import Platform
from tests.scheduling.scenes import Hospital, booked
from tests.scheduling.scenes import pay as pay_appointment
from tests.visits.scenes import Clinic, settle


def answering(answer: Answer) -> Handler:
    return lambda unit, relay: answer


def heard(platform: Platform, *answers: Answer) -> Answer:
    scope = Scope.for_tenant(7)
    relay = Incoming(new_id(), scope, "x", BILL_PAID, {})

    def work(opened: Unit) -> Answer:
        return each_of([answering(one) for one in answers])(opened, relay)

    return run(scope, work)


def test_the_answer_is_of_whom_it_concerns(platform: Platform) -> None:
    assert heard(platform, {"refused": "a"}) == {"refused": "a"}
    assert heard(platform, {"refused": "a"}, {}) == {}
    assert heard(platform, {"done": 1}, {"refused": "b"}) == {"done": 1}
    assert heard(platform, {"refused": "a"}, {"refused": "b"}) == {"refused": "b"}


def test_bills_of_appointments_and_of_visits_side_by_side(platform: Platform) -> None:
    hospital = Hospital()
    clinic = Clinic(hospital)
    visit, appointment = clinic.asked(), booked(hospital.slot())
    clinic.pay(visit)
    pay_appointment(hospital, appointment)
    settle(platform, hospital.scope)
    assert (clinic.now(visit).state, hospital.one(appointment).state) == ("paid", "confirmed")


def test_a_bill_for_neither_is_refused_by_both(platform: Platform) -> None:
    handlers = hearing(platform.settings).handlers
    scope = Clinic().scope
    relay = Incoming(
        new_id(), scope, "x", BILL_PAID, {"purpose": str(PublicId("note", scope, new_id())), "bill": "x", "amount": 1}
    )
    answer = run(scope, lambda opened: handlers[BILL_PAID, 1](opened, relay))
    assert "refused" in answer


def test_the_public_events_are_announced(platform: Platform) -> None:
    ends = ["completed", "stopped", "declined", "not_taken", "abandoned", "unconcluded", "left_unconcluded"]
    wanted = {f"visit.{word}" for word in ["paid", "taken", *ends]}
    assert wanted == set(EVENTS) <= hearing(platform.settings).public
