"""How long a prescription is valid, and its medicines last. Pure.

Source: 处方管理办法 2007 art. 18: the day of issue, at most three days where the doctor says so.
"""

from datetime import UTC, date, datetime, time, timedelta

from app.core.calendar import ZONE, local_date

LONGEST = 3
"""Days."""


def expires_at(signed_at: datetime, days: int, day: timedelta | None = None) -> datetime:
    """The instant (UTC) from which a prescription is valid no more: the end of the last of so many local days.

    `day`, for demonstrations, is how long a day lasts from the signature on.
    """
    if day:
        return signed_at + days * day
    return datetime.combine(local_date(signed_at) + timedelta(days=days), time(), ZONE).astimezone(UTC)


def covers_until(signed_at: datetime, days: int) -> date:
    """The last local day for which medicines for so many days are meant, the day of issue being the first."""
    return local_date(signed_at) + timedelta(days=days - 1)
