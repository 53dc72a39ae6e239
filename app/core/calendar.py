"""Local dates: law and people count in days of the place, the database in instants of UTC."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
SATURDAY = 5


def local_date(at: datetime) -> date:
    """The calendar day in China on which the instant `at` falls."""
    return at.astimezone(ZONE).date()


def working_days_after(day: date, count: int) -> date:
    """The `count`-th working day after `day`, from Monday to Friday.

    Public holidays, and the weekends that are worked to make up for them, are not known here.
    """
    last = day
    for _ in range(count):
        last += timedelta(days=1)
        while last.weekday() >= SATURDAY:
            last += timedelta(days=1)
    return last
