"""Days and years of the calendar, and what happens after the last year whose holidays are known."""

from datetime import date

import pytest
from structlog.testing import capture_logs

from app.core.calendar import LISTED, working_days_after, years_after


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [
        (date(2026, 11, 22), 5, date(2031, 11, 22)), (date(2028, 2, 29), 2, date(2030, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)), (date(2027, 3, 1), 2, date(2029, 3, 1)),
        (date(2026, 2, 28), 2, date(2028, 2, 28)), (date(2026, 12, 31), 1, date(2027, 12, 31)),
    ],
)  # fmt: skip
def test_a_year_later(day: date, years: int, then: date) -> None:
    assert years_after(day, years) == then


def test_a_deadline_among_unlisted_holidays_is_said_loudly() -> None:
    last = max(LISTED)
    with capture_logs() as logs:
        assert working_days_after(date(last, 12, 20), 3) < date(last, 12, 31)
        assert logs == []
        assert working_days_after(date(last, 12, 20), 15) > date(last, 12, 31)
    assert logs == [{"event": "holidays_unlisted", "log_level": "warning", "year": last + 1}]
