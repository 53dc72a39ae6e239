"""Local dates: law and people count in days of the place, the database in instants of UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

ZONE = ZoneInfo("Asia/Shanghai")
SATURDAY = 5
_DAY = timedelta(days=1)


def _days(first: date, last: date) -> frozenset[date]:
    return frozenset(first + _DAY * count for count in range((last - first).days + 1))


HOLIDAYS = frozenset[date]().union(
    _days(date(2026, 1, 1), date(2026, 1, 3)),
    _days(date(2026, 2, 15), date(2026, 2, 23)),
    _days(date(2026, 4, 4), date(2026, 4, 6)),
    _days(date(2026, 5, 1), date(2026, 5, 5)),
    _days(date(2026, 6, 19), date(2026, 6, 21)),
    _days(date(2026, 9, 25), date(2026, 9, 27)),
    _days(date(2026, 10, 1), date(2026, 10, 7)),
)
WORKED = frozenset(
    {
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    }
)  # fmt: skip
"""Weekends that are worked. Both as the State Council's office announces them each autumn for the next year
(国务院办公厅 关于2026年部分节假日安排的通知). Of a year that is not listed yet every weekday counts as worked and no
weekend does: a deadline comes too early where there are holidays, and up to three days too late where weekends are
worked.
"""
LISTED = frozenset(day.year for day in HOLIDAYS)
"""The years of which both are known."""
log = structlog.get_logger()


def is_working_day(day: date) -> bool:
    """Whether offices work on that local day."""
    return day in WORKED or (day.weekday() < SATURDAY and day not in HOLIDAYS)


def working_days_after(day: date, count: int) -> date:
    """The last of the `count` working days that follow `day`, which does not count itself (Civil Code, article 201).

    Says loudly where it lies in a year whose holidays nobody has listed.
    """
    while count:
        day += _DAY
        count -= is_working_day(day)
    if day.year not in LISTED:
        log.warning("holidays_unlisted", year=day.year)
    return day


def years_after(day: date, years: int) -> date:
    """The day of the same number so many years later, or the last one of a month that has no such day (Civil Code,
    article 202): of the 29th of February, the 28th in other years.
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def day_begins(day: date) -> datetime:
    """The instant at which that local day begins, in UTC."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def local_date(at: datetime) -> date:
    """The calendar day in China on which the instant `at` falls."""
    return at.astimezone(ZONE).date()
