"""How often codes are sent and how long they hold. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

CODE_LIFE = timedelta(minutes=5)
TRIES = 5
RESEND = timedelta(seconds=60)
DAY = timedelta(days=1)
LIMITS = ((1, RESEND), (5, timedelta(hours=1)), (10, DAY))
"""At most so many codes to one number in any window of that length."""

CHALLENGE_KEPT = DAY + timedelta(hours=1)
"""For how long after the last code its row is kept: until no limit counts that code any longer, and an hour."""

ADDRESS_BURST = 100
ADDRESS_PAUSE = timedelta(seconds=5)
"""How many codes one address may ask for at once, and how soon each of those is given back: 720 an hour in the long
run. Many people share an address (a campus, a mobile carrier): when it is used up they wait seconds, not hours.
"""
ADDRESS_KEPT = timedelta(hours=1)
"""For how long after the last code an address is kept: longer than a whole burst takes to be given back (505 s)."""
RESERVATION_KEPT = DAY
"""After which a reserved login that nothing followed is let go: far longer than any sign-in lives."""


def seconds_to_wait(sends: Sequence[int], now: datetime) -> int:
    """Seconds until the next code may be sent, after `sends` (Unix seconds, oldest first); 0 when it may go now."""
    present = int(now.timestamp())
    ends = [sends[-many] + int(window.total_seconds()) for many, window in LIMITS if len(sends) >= many]
    return max(0, *(end - present for end in ends)) if ends else 0


def sends_with(sends: Sequence[int], now: datetime) -> list[int]:
    """`sends` with one more now, without those that no limit counts any longer."""
    present = int(now.timestamp())
    return [*(sent for sent in sends if sent > present - int(DAY.total_seconds())), present]
