"""Local dates: law and people count in days of the place, the database in instants of UTC."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def local_date(at: datetime) -> date:
    """The calendar day in China on which the instant `at` falls."""
    return at.astimezone(ZONE).date()
