"""How often codes are sent and how long they hold; when somebody states a known identity. Pure."""

import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.ports import KnownAs

SEEN_EVERY = timedelta(minutes=5)
"""How often at most it is noted that a browser or a sign-in was seen: it may end by so much too early."""


class Purpose(StrEnum):
    """For what a code was sent, which is all that it opens; and how the SMS gateway knows its text."""

    SIGN_IN = "sign_in_code"
    PHONE_CHANGE = "phone_change_code"


CODE_TEMPLATE = Purpose.SIGN_IN
LEFT_TEMPLATE = "number_left"
"""How the SMS gateway knows what a number is told that is the login of nobody any more."""
CODE_LIFE = timedelta(minutes=5)
TRIES = 5
RESEND = timedelta(seconds=60)
DAY = timedelta(days=1)
LIMITS = ((1, RESEND), (5, timedelta(hours=1)), (10, DAY))
"""At most so many codes to one number in any window of that length."""
CHANGE_LIMITS = ((1, RESEND), (3, timedelta(hours=1)), (5, DAY))
"""The same of codes for a change, which are counted apart: whoever names a number there takes no sign-in from it."""

CHALLENGE_KEPT = DAY + timedelta(hours=1)
"""For how long after the last code its row is kept: until no limit counts that code any longer, and an hour."""

ADDRESS_BURST = 100
ADDRESS_PAUSE = timedelta(seconds=5)
"""How many codes one address may ask for at once, and how soon each of those is given back: 720 an hour in the long
run. Many people share an address (a campus, a mobile carrier): when it is used up they wait seconds, not hours.
"""
ADDRESS_KEPT = timedelta(hours=1)
"""For how long after the last code an address is kept: longer than a whole burst takes to be given back (505 s)."""
DEVICE_BURST = 10
DEVICE_PAUSE = timedelta(minutes=2)
"""The same for a device that says which one it is: nobody asks for more on a device of their own. One that says nothing
is counted by number and address alone.
"""
PERSON_BURST = 6
PERSON_PAUSE = timedelta(minutes=5)
"""The same for a person who asks for codes for a change of their number: two are enough for one."""
RESERVATION_KEPT = DAY
"""After which a reserved login that nothing followed is let go: far longer than any sign-in lives."""


def seconds_to_wait(sends: Sequence[int], now: datetime, purpose: Purpose = Purpose.SIGN_IN) -> int:
    """Seconds until the next code for that may be sent, after `sends` of such (Unix seconds, oldest first); 0 when it
    may go now.
    """
    limits = CHANGE_LIMITS if purpose is Purpose.PHONE_CHANGE else LIMITS
    present = int(now.timestamp())
    ends = [sends[-many] + int(window.total_seconds()) for many, window in limits if len(sends) >= many]
    return max(0, *(end - present for end in ends)) if ends else 0


def sends_with(sends: Sequence[int], now: datetime) -> list[int]:
    """`sends` with one more now, without those that no limit counts any longer."""
    present = int(now.timestamp())
    return [*(sent for sent in sends if sent > present - int(DAY.total_seconds())), present]


NUMBER_END = 6
"""Characters at the end of an identity number that are asked for beside the name."""


@dataclass(frozen=True)
class StatedIdentity:
    """The whole name, and the last `NUMBER_END` characters of the number of an identity card, as somebody states it."""

    name: str = field(repr=False)
    number_end: str = field(repr=False)


def is_same_identity(known: KnownAs | None, stated: StatedIdentity) -> bool:
    """Whether that is the verified identity, in a time that does not tell how much of it is; nobody's is never."""
    name = hmac.compare_digest(_plain(known.name if known else ""), _plain(stated.name))
    end = hmac.compare_digest(_plain(known.number if known else "")[-NUMBER_END:], _plain(stated.number_end))
    return known is not None and name and end


def _plain(text: str) -> bytes:
    """Without what spellings of one name differ in: width, spaces, case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold().encode()
