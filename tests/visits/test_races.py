"""Several at the same moment: a visit has one end, and its money goes back once or not at all."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

from app.core.errors import Problem
from app.visits.ids import visit_public_id
from app.visits.models import Visit
from app.visits.rules.moves import DeclineReason, StopReason
from app.visits.service import acting, records
from app.visits.service.fees import set_fee
from app.visits.timers import end_due
from tests.platform import Platform
from tests.scheduling.clock import Clock
from tests.visits.scenes import BY, CONCLUSION, FEE, Clinic, resident_of, settle, time_is_up, verified_resident

Act = Callable[[], object]
ROUNDS = 6


def at_once(acts: Sequence[Act]) -> Counter[str]:
    """What became of `acts`, all begun at the same moment: `done`, or the code of the refusal."""
    start = Barrier(len(acts))

    def one(act: Act) -> str:
        start.wait(20)
        try:
            act()
        except Problem as problem:
            return problem.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return Counter(threads.map(one, acts))


def ends(clinic: Clinic) -> None:
    """The timer looks until nothing is due in this moment and the next ones."""
    for _ in range(40):
        end_due(clinic.scope)


def consistent(clinic: Clinic, visit: Visit) -> str:
    """The state of the visit, whose refund fits to it."""
    now = clinic.now(visit)
    open_or_done = now.state in ("paid", "taken", "completed")
    assert clinic.refunds(visit) == ([] if open_or_done else [FEE]), now.state
    return now.state


def test_taking_canceling_and_the_timer_at_once(platform: Platform, clinic: Clinic) -> None:
    seen = set()
    for _ in range(ROUNDS):
        visit = clinic.paid(platform)
        known = visit_public_id(visit)
        time_is_up(clinic, visit.id, timedelta(milliseconds=8))
        found = at_once([
            partial(acting.take, clinic.viewer(), known),
            partial(acting.cancel, resident_of(visit), known),
            partial(ends, clinic),
        ])  # fmt: skip
        state = consistent(clinic, visit)
        assert state in ("taken", "canceled", "not_taken")
        assert found["done"] == (1 if state == "not_taken" else 2)
        settle(platform, clinic.scope)
        assert consistent(clinic, visit) == state
        seen.add(state)
    assert seen


def test_completing_when_the_window_closes(platform: Platform, clinic: Clinic) -> None:
    for pause in range(ROUNDS):
        visit = clinic.ready(platform)
        time_is_up(clinic, visit.id, timedelta(milliseconds=3 * pause))
        found = at_once([partial(acting.complete, clinic.viewer(), visit_public_id(visit)), partial(ends, clinic)])
        end_when_due(clinic, visit)
        state = consistent(clinic, visit)
        assert state == ("completed" if found["done"] == 2 else "abandoned")


def end_when_due(clinic: Clinic, visit: Visit) -> None:
    """The timer looks again once the time is up, as it does for ever."""
    if clinic.now(visit).due_at:
        time_is_up(clinic, visit.id)
        end_due(clinic.scope)


def test_two_takes_of_one_visit(platform: Platform, clinic: Clinic) -> None:
    for _ in range(ROUNDS):
        visit = clinic.paid(platform)
        take = partial(acting.take, clinic.viewer(), visit_public_id(visit))
        assert at_once([take, take, take]) == {"done": 1, "visit_state": 2}
        assert (clinic.now(visit).state, clinic.now(visit).version) == ("taken", 3)


def test_completing_and_stopping_at_once(platform: Platform, clinic: Clinic) -> None:
    for _ in range(ROUNDS):
        visit = clinic.ready(platform)
        known, doctor = visit_public_id(visit), clinic.viewer()
        acts: list[Act] = [
            partial(acting.complete, doctor, known),
            partial(acting.stop, doctor, known, StopReason.FIRST_VISIT),
        ]
        assert at_once(acts) == {"done": 1, "visit_state": 1}
        assert consistent(clinic, visit) in ("completed", "stopped")


def test_payment_and_giving_up_at_once(platform: Platform, clinic: Clinic) -> None:
    for _ in range(ROUNDS):
        visit = clinic.asked()
        payment = clinic.begin_payment(visit)
        assert at_once([
            partial(clinic.payment_succeeds, visit, payment),
            partial(acting.cancel, resident_of(visit), visit_public_id(visit)),
        ]) == {"done": 2}  # fmt: skip
        settle(platform, clinic.scope)
        assert clinic.now(visit).state == "canceled"
        assert clinic.refunds(visit) == [FEE]


def test_a_resident_has_one_open_visit_with_a_doctor_in_a_subject(platform: Platform, clinic: Clinic) -> None:
    person, doctor = verified_resident(), clinic.viewer()
    ask = partial(clinic.asked, person)
    assert at_once([ask, ask, ask]) == {"done": 1, "visit_open": 2}
    visit = clinic.of(person)[0]
    assert clinic.bills(person) == [visit.bill_id], "who was refused owes nothing"
    clinic.pay(visit)
    settle(platform, clinic.scope)
    assert at_once([ask, clinic.asked]) == {"done": 1, "visit_open": 1}, "others ask"
    acting.decline(doctor, visit_public_id(visit), DeclineReason.NO_TIME)
    assert at_once([ask, ask]) == {"done": 1, "visit_open": 1}
    acting.cancel(resident_of(visit), visit_public_id(clinic.of(person)[-1]))
    ask()
    colleague = clinic.hospital.doctor()
    set_fee(colleague, FEE, BY)
    clinic.asked(person, doctor=colleague)


def test_two_timers_end_a_visit_once(platform: Platform, clock: Clock, clinic: Clinic) -> None:
    visit = clinic.paid(platform)
    clock.forward(hours=25)
    assert at_once([partial(end_due, clinic.scope)] * 4) == {"done": 4}
    assert (consistent(clinic, visit), clinic.now(visit).version) == ("not_taken", 3)


def test_two_writers_of_a_record(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.taken(platform)
    write = partial(records.write, clinic.viewer(), visit_public_id(visit), CONCLUSION, 1)
    assert at_once([write, write]) == {"done": 1, "stale_version": 1}
