"""Whatever happens in whatever order: the places taken are those that appointments hold."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from app.core.errors import Problem
from app.core.ids import PublicId
from app.core.unit import connect
from app.payments.rules.payments import PaymentState
from app.scheduling.ids import shift_public_id, slot_public_id
from app.scheduling.models import Appointment, Shift
from app.scheduling.rules.moves import HOLDING
from app.scheduling.service.shifts import Opened, replace_doctor, stop_shift
from app.scheduling.timers import end_holds, follow_shifts
from tests.platform import Platform
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import (
    BY,
    Hospital,
    begin_payment,
    booked,
    canceled,
    canceled_by_staff,
    new_resident,
    payment_ends,
    refund_arrives,
    residents_of,
    settle,
)

CALM = settings(
    max_examples=20, stateful_step_count=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
REFUSALS = {
    "slot_full", "already_booked", "shift_stopped", "appointment_ended", "cancellation_closed", "slot_past",
    "shift_exists",
}  # fmt: skip


def attempt(act: Callable[[], object]) -> object:
    """What `act` gives, or None where it was refused for a reason that there is."""
    try:
        return act()
    except Problem as problem:
        assert problem.code in REFUSALS, problem.code
        return None


class Booking(RuleBasedStateMachine):
    """A hospital with two shifts of few places, few residents, a gateway, and workers that come when they like."""

    platform: ClassVar[Platform]

    appointments = Bundle("appointments")
    payments = Bundle("payments")

    @initialize()
    def open(self) -> None:
        self.clock = Clock()
        connect(replace(self.platform.database, clock=self.clock))
        self.hospital = Hospital()
        self.people = [new_resident() for _ in range(4)]
        other = self.hospital.doctor(subjects=["04"])
        self.shifts: list[Opened] = [
            self.hospital.shift(places=2),
            self.hospital.shift(other, places=3, subject="04", fee_lines=[]),
        ]

    def slot(self, which: int) -> PublicId:
        return slot_public_id(self.hospital.number, self.shifts[which].slots[0].id)

    @rule(target=appointments, who=st.integers(0, 3), which=st.integers(0, 1))
    def book(self, who: int, which: int) -> object:
        made = attempt(lambda: booked(self.slot(which), self.people[who]))
        return made if isinstance(made, Appointment) else multiple()

    @rule(target=payments, appointment=appointments)
    def begin(self, appointment: Appointment) -> object:
        if self.hospital.one(appointment).state != "held" or appointment.bill_id is None:
            return multiple()
        return begin_payment(self.hospital, appointment)

    @rule(payment=consumes(payments), state=st.sampled_from([PaymentState.SUCCEEDED, PaymentState.CANCELED]))
    def gateway_says(self, payment: uuid.UUID, state: PaymentState) -> None:
        payment_ends(self.hospital, payment, state)

    @rule(appointment=appointments)
    def cancel(self, appointment: Appointment) -> None:
        attempt(lambda: canceled(self.hospital, appointment))

    @rule(appointment=appointments)
    def cancel_by_staff(self, appointment: Appointment) -> None:
        attempt(lambda: canceled_by_staff(self.hospital, appointment))

    @rule(appointment=appointments)
    def refunds_arrive(self, appointment: Appointment) -> None:
        if self.hospital.one(appointment).state == "canceled_refunding":
            refund_arrives(self.hospital, appointment)

    @rule(minutes=st.sampled_from([1, 6, 11]))
    def time_passes(self, minutes: int) -> None:
        self.clock.forward(minutes=minutes)

    @rule()
    def end(self) -> None:
        end_holds(self.hospital.scope)

    @rule(which=st.integers(0, 1))
    def stop(self, which: int) -> None:
        attempt(lambda: stop_shift(shift_public_id(self.shifts[which].shift), BY))

    @rule(which=st.integers(0, 1))
    def replace_doctor(self, which: int) -> None:
        substitute = self.hospital.doctor(subjects=["03", "04"])
        attempt(lambda: replace_doctor(shift_public_id(self.shifts[which].shift), substitute, None, BY))

    @rule()
    def follow(self) -> None:
        follow_shifts(self.hospital.scope)

    @rule()
    def carry(self) -> None:
        settle(self.platform, self.hospital.scope)

    @invariant()
    def every_place_is_somebodys(self) -> None:
        if hasattr(self, "hospital"):
            self.hospital.balanced()

    def teardown(self) -> None:
        """Let the workers finish: nobody is left between two states without somebody to wait for."""
        if hasattr(self, "hospital"):
            self.clock.forward(minutes=11)
            self.come_to_rest()
            connect(self.platform.database)

    def come_to_rest(self) -> None:
        scopes = [self.hospital.scope, *residents_of(self.hospital.appointments())]
        for _ in range(2):
            end_holds(self.hospital.scope)
            while follow_shifts(self.hospital.scope):
                pass
            settle(self.platform, *scopes)
        self.hospital.balanced()
        stopped = {o.shift.id for o in self.shifts if self.hospital.shift_now(o.shift).state == "stopped"}
        for one in self.hospital.appointments():
            assert one.state != "held"
            assert one.state != "confirmed" or one.shift_id not in stopped
            assert one.state not in HOLDING or one.doctor_id == self.shift_of(one).doctor_id

    def shift_of(self, one: Appointment) -> Shift:
        return next(self.hospital.shift_now(o.shift) for o in self.shifts if o.shift.id == one.shift_id)


def test_places_and_appointments_always_agree(platform: Platform) -> None:
    bound = type("BoundBooking", (Booking,), {"platform": platform})
    run_state_machine_as_test(bound, settings=CALM)
