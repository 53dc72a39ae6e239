"""The life of a prescription, decided without a database."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from prescriptions.rules.prescriptions import ENDED, Event, Move, State, Stopping, move
from prescriptions.rules.reviews import LEASE, Refusal, ReviewState, Standing, against_deciding, against_taking
from prescriptions.rules.validity import covers_until, expires_at

FREE = {
    (State.DRAFT, Event.SIGNED): State.PENDING_REVIEW,
    (State.DRAFT, Event.DISCARDED): State.DISCARDED,
    (State.PENDING_REVIEW, Event.PASSED): State.READY,
    (State.PENDING_REVIEW, Event.REJECTED): State.REVIEW_REJECTED,
    (State.PENDING_REVIEW, Event.WITHDRAWN): State.WITHDRAWN,
    (State.PENDING_REVIEW, Event.EXPIRED): State.EXPIRED,
    (State.READY, Event.WITHDRAWN): State.WITHDRAWN,
    (State.READY, Event.EXPIRED): State.EXPIRED,
    (State.READY, Event.CLOSED): State.CLOSED_UNSUPPLIED,
    (State.READY, Event.OFFERED): State.READY,
}
"""Every move while no pharmacy holds an order."""
STOPS = {Event.WITHDRAWN: Stopping.WITHDRAWN, Event.EXPIRED: Stopping.EXPIRED, Event.CLOSED: Stopping.CLOSED}
ENDS = {
    Stopping.WITHDRAWN: State.WITHDRAWN, Stopping.EXPIRED: State.EXPIRED, Stopping.CLOSED: State.CLOSED_UNSUPPLIED,
}  # fmt: skip
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_every_move_without_an_order() -> None:
    found = {(state, event): move(state, event) for state in State for event in Event}
    assert {cell: moved for cell, moved in found.items() if moved} == {cell: Move(to) for cell, to in FREE.items()}


def test_every_move_with_a_live_order() -> None:
    found = {event: move(State.READY, event, live=True) for event in Event}
    assert {event: moved for event, moved in found.items() if moved} == {
        **{stop: Move(State.READY, waits) for stop, waits in STOPS.items()},
        Event.OFFERED: Move(State.READY), Event.ORDER_ENDED: Move(State.READY), Event.FULFILLED: Move(State.COMPLETED),
    }  # fmt: skip


@pytest.mark.parametrize("stopping", Stopping)
def test_every_move_while_an_end_waits_for_the_pharmacy(stopping: Stopping) -> None:
    found = {event: move(State.READY, event, live=True, stopping=stopping) for event in Event}
    assert {event: moved for event, moved in found.items() if moved} == {
        Event.ORDER_ENDED: Move(ENDS[stopping]), Event.FULFILLED: Move(State.COMPLETED),
    }  # fmt: skip


def test_an_end_is_an_end() -> None:
    cells = itertools.product(sorted(ENDED), Event, (True, False))
    assert {(state, event, live) for state, event, live in cells if move(state, event, live=live)} == set()


def standing(state: ReviewState, *, author: bool = False, mine: bool = False, left: int | None = None) -> Standing:
    return Standing(state, author, mine, None if left is None else NOW + timedelta(seconds=left))


def test_who_may_take_a_review() -> None:
    assert against_taking(standing(ReviewState.QUEUED), NOW) is None
    assert against_taking(standing(ReviewState.QUEUED, author=True), NOW) is Refusal.OWN_WORK
    assert against_taking(standing(ReviewState.TAKEN, left=1), NOW) is Refusal.TAKEN
    assert against_taking(standing(ReviewState.TAKEN, left=1, mine=True), NOW) is None
    assert against_taking(standing(ReviewState.TAKEN, left=0), NOW) is None
    for state in set(ReviewState) - {ReviewState.QUEUED, ReviewState.TAKEN}:
        assert against_taking(standing(state, mine=True), NOW) is Refusal.STATE


def test_who_may_decide_on_a_review() -> None:
    assert against_deciding(standing(ReviewState.TAKEN, left=1, mine=True), NOW) is None
    assert against_deciding(standing(ReviewState.TAKEN, left=0, mine=True), NOW) is Refusal.NOT_TAKEN
    assert against_deciding(standing(ReviewState.TAKEN, left=1), NOW) is Refusal.NOT_TAKEN
    assert against_deciding(standing(ReviewState.QUEUED, mine=True), NOW) is Refusal.NOT_TAKEN
    assert against_deciding(standing(ReviewState.TAKEN, left=1, mine=True, author=True), NOW) is Refusal.OWN_WORK
    for state in set(ReviewState) - {ReviewState.QUEUED, ReviewState.TAKEN}:
        assert against_deciding(standing(state, mine=True), NOW) is Refusal.STATE
    assert timedelta(minutes=5) == LEASE


@pytest.mark.parametrize(
    ("signed", "days", "ends"),
    [
        ("2026-03-01T08:00:00", 1, "2026-03-01T16:00:00"),
        ("2026-03-01T15:59:59", 1, "2026-03-01T16:00:00"),
        ("2026-03-01T16:00:00", 1, "2026-03-02T16:00:00"),
        ("2026-03-01T08:00:00", 3, "2026-03-03T16:00:00"),
        ("2026-12-31T15:00:00", 2, "2027-01-01T16:00:00"),
    ],
)
def test_validity_ends_with_a_local_day(signed: str, days: int, ends: str) -> None:
    at = datetime.fromisoformat(signed).replace(tzinfo=UTC)
    assert expires_at(at, days) == datetime.fromisoformat(ends).replace(tzinfo=UTC)


def test_a_day_of_demonstrations() -> None:
    assert expires_at(NOW, 3, timedelta(seconds=20)) == NOW + timedelta(seconds=60)


def test_medicines_last_from_the_day_of_issue_on() -> None:
    assert covers_until(NOW, 1) == date(2026, 3, 1)
    assert covers_until(datetime(2026, 3, 1, 17, tzinfo=UTC), 7) == date(2026, 3, 8)
