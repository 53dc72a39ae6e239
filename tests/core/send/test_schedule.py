"""When a delivery is tried again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.send.schedule import JITTER, LONGEST_WAIT, SCHEDULE, THROTTLED_WAIT, least_wait, next_try

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.integers(1, len(SCHEDULE)), st.floats(0, 1))
def test_jitter_stays_within_a_fifth(failed: int, chance: float) -> None:
    due = next_try(failed, NOW, chance, SCHEDULE)
    assert due is not None
    step, slack = SCHEDULE[failed - 1], 0.001
    assert step * (1 - JITTER) - slack <= (due - NOW).total_seconds() <= step * (1 + JITTER) + slack


def test_jitter_reaches_both_ends() -> None:
    assert [next_try(1, NOW, chance, [100]) for chance in (0, 0.5, 1)] == [
        NOW + timedelta(seconds=seconds) for seconds in (80, 100, 120)
    ]


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    assert len(SCHEDULE) + 1 == 10
    assert timedelta(seconds=sum(SCHEDULE)) == timedelta(hours=75, minutes=35, seconds=5)


@given(st.integers(0, 50), st.floats(0, 1), st.floats(0, 1e6))
def test_the_schedule_ends(more: int, chance: float, least: float) -> None:
    assert next_try(len(SCHEDULE) + 1 + more, NOW, chance, SCHEDULE, least) is None


@given(st.integers(1, len(SCHEDULE)), st.floats(0, 1), st.floats(0, 1e12))
def test_a_receivers_wish_is_honored_up_to_a_day(failed: int, chance: float, least: float) -> None:
    due = next_try(failed, NOW, chance, SCHEDULE, least)
    assert due is not None
    assert due - NOW >= timedelta(seconds=min(least, LONGEST_WAIT)) - timedelta(milliseconds=1)
    assert due - NOW <= timedelta(seconds=LONGEST_WAIT * (1 + JITTER))


def test_how_long_a_receiver_wants_to_be_left_alone() -> None:
    expected: dict[tuple[int, str | None], float] = {
        (500, None): 0, (500, ""): 0, (500, "120"): 120, (503, "7"): 7, (500, "-5"): 0, (500, "1.5"): 0,
        (500, "soon"): 0, (429, None): THROTTLED_WAIT, (429, "7"): THROTTLED_WAIT, (429, "900"): 900,
        (502, None): THROTTLED_WAIT, (504, None): THROTTLED_WAIT, (500, "9" * 400): float("inf"),
    }  # fmt: skip
    assert {(status, header): least_wait(status, header) for status, header in expected} == expected


def test_an_absurd_wish_is_a_day() -> None:
    assert next_try(1, NOW, 0.5, SCHEDULE, least_wait(429, "9" * 400)) == NOW + timedelta(days=1)
