"""Cut-off and shape of a shift."""

from datetime import UTC, date, datetime, timedelta

from app.scheduling.rules.cancellation import cancellation_ends
from app.scheduling.rules.shifts import HalfDay, SlotTimes, faults

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""Nine in the morning of the second of March in China."""
DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_until_when_a_resident_cancels() -> None:
    assert cancellation_ends(NINE, fee=1) == NINE - timedelta(hours=2)
    assert cancellation_ends(NINE, fee=0) == NINE


def slot(start: datetime = NINE, length: timedelta = HOUR) -> SlotTimes:
    return SlotTimes(start, start + length, 5)


def test_which_shifts_there_can_be() -> None:
    expected = {
        (DAY, (slot(),), NOW): [],
        (DAY, (slot(), slot(NINE + HOUR)), NOW): [],
        (DAY, (slot(), slot(NINE + HOUR / 2)), NOW): ["slots_overlap"],
        (DAY, (slot(NINE + HOUR), slot()), NOW): ["slots_overlap"],
        (DAY, (slot(length=timedelta(0)),), NOW): ["slot_length"],
        (DAY, (slot(length=-HOUR),), NOW): ["slot_length"],
        (DAY, (slot(NINE - 2 * HOUR, 6 * HOUR),), NOW): [],
        (DAY, (slot(length=timedelta(hours=6, seconds=1)),), NOW): ["slot_length"],
        (DAY, (slot(datetime(2026, 3, 1, 16, tzinfo=UTC)),), NOW): [],
        (DAY, (slot(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)),), NOW): ["slot_outside_date"],
        (DAY, (slot(),), NINE): ["slot_past"],
        (DAY, (slot(),), NINE - timedelta(microseconds=1)): [],
        (DAY, (slot(),), datetime(2026, 3, 2, 16, tzinfo=UTC)): ["date_past", "slot_past"],
    }
    for (day, slots, now), rules in expected.items():
        assert [fault.rule for fault in faults(day, HalfDay.MORNING, slots, now)] == rules, (day, slots, now)


def test_slots_lie_in_the_part_of_the_day_that_is_said() -> None:
    """By the clock in China; the hours overlap where houses differ, and a night ends after midnight."""
    begins, ends = "/slots/0/starts_at", "/slots/0/ends_at"
    expected: dict[tuple[HalfDay, int, float], str | None] = {
        (HalfDay.MORNING, 0, 1): None,
        (HalfDay.MORNING, 12, 1): None,
        (HalfDay.MORNING, 12, 1.5): ends,
        (HalfDay.MORNING, 13, 1): begins,
        (HalfDay.MORNING, 17, 1): begins,
        (HalfDay.AFTERNOON, 11, 2): begins,
        (HalfDay.AFTERNOON, 12, 1): None,
        (HalfDay.AFTERNOON, 18, 1): None,
        (HalfDay.AFTERNOON, 18, 1.5): ends,
        (HalfDay.EVENING, 16, 2): begins,
        (HalfDay.EVENING, 17, 1): None,
        (HalfDay.EVENING, 23, 6): None,
    }
    for (half_day, hour, hours), pointer in expected.items():
        wish = (slot(NINE + (hour - 9) * HOUR, hours * HOUR),)
        found = [(fault.pointer, fault.rule) for fault in faults(DAY, half_day, wish, NOW)]
        assert found == ([(pointer, "slot_outside_half_day")] if pointer else []), (half_day, hour, hours)
