"""Cut-off and shape of a shift."""

from datetime import UTC, date, datetime, timedelta

from app.scheduling.rules.cancellation import cancellation_ends
from app.scheduling.rules.shifts import SlotTimes, faults

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
        (DAY, (slot(length=6 * HOUR),), NOW): [],
        (DAY, (slot(length=timedelta(hours=6, seconds=1)),), NOW): ["slot_length"],
        (DAY, (slot(datetime(2026, 3, 1, 16, tzinfo=UTC)),), NOW): [],
        (DAY, (slot(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)),), NOW): ["slot_outside_date"],
        (DAY, (slot(),), NINE): ["slot_past"],
        (DAY, (slot(),), NINE - timedelta(microseconds=1)): [],
        (DAY, (slot(),), datetime(2026, 3, 2, 16, tzinfo=UTC)): ["date_past", "slot_past"],
    }
    found = {(day, slots, now): [fault.rule for fault in faults(day, slots, now)] for day, slots, now in expected}
    assert found == expected
