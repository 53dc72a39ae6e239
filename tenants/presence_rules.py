"""For how long a proof of presence holds. Pure.

Source: 互联网诊疗监管细则(试行) 2022 art. 13 (real-name and real-person check before each reception of patients).
"""

from datetime import datetime, time, timedelta
from enum import StrEnum

from app.core.calendar import ZONE, local_date

LONGEST = timedelta(hours=12)
"""A shift; a deployment may set less."""
LEAST = timedelta(hours=1)
"""Who proves themself shortly before midnight is not asked again at once."""


class Method(StrEnum):
    """By what somebody proved that it is they who work."""

    SECOND_FACTOR = "second_factor"
    FACE = "face"


class EndedBy(StrEnum):
    """Which rule made the end."""

    HOURS = "hours"
    DAY = "day"
    LEAST = "least"


def end_of(proved_at: datetime, longest: timedelta) -> tuple[datetime, EndedBy]:
    """When a presence that was proved at an instant is over: after `longest`, at the end of the local day, whichever
    comes first; but it lasts an hour at least.
    """
    midnight = datetime.combine(local_date(proved_at) + timedelta(days=1), time.min, ZONE)
    if proved_at + longest <= midnight:
        return proved_at + longest, EndedBy.HOURS
    if midnight - proved_at < min(LEAST, longest):
        return proved_at + min(LEAST, longest), EndedBy.LEAST
    return midnight, EndedBy.DAY
