"""What day it is for a test."""

from datetime import UTC, date, datetime

from app.core.calendar import local_date


def today() -> date:
    """The local date, however far ahead a test put the clock of its units; asked in the test, never while importing.

    What was today when the tests were collected is yesterday after midnight.
    """
    return local_date(datetime.now(UTC))
