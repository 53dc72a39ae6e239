"""Who is covered when: states, days, names and numbers. Pure."""

import re
import unicodedata
from datetime import date
from enum import StrEnum

PUBLIC_SCHEME = "public_scheme"
COMMERCIAL = "commercial"
TRIES = 5
"""Requests of one person on one local date that are not answered yet or named nobody's membership of theirs."""
_BETWEEN = re.compile(r"[\s·•‧・.'’-]")


class PayerKind(StrEnum):
    """A public scheme's answer is the split; a commercial insurer decides claim by claim."""

    PUBLIC_SCHEME = PUBLIC_SCHEME
    COMMERCIAL = COMMERCIAL


class MemberState(StrEnum):
    """An ended membership never comes back; a new one has a new number."""

    ACTIVE = "active"
    ENDED = "ended"


class CoverageState(StrEnum):
    """Ends with its membership; for days before its end it still holds."""

    ACTIVE = "active"
    ENDED = "ended"


class RequestState(StrEnum):
    """`requested` until the insurer answers."""

    REQUESTED = "requested"
    ACTIVE = "active"
    REFUSED = "refused"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a membership ends before its last day."""

    LEFT = "left"
    CONTRACT_ENDED = "contract_ended"
    PREMIUM_UNPAID = "premium_unpaid"
    DIED = "died"
    OTHER = "other"


class Refusal(StrEnum):
    """Why a request is refused. `not_a_member` says no more, so that nobody learns which numbers there are."""

    NOT_A_MEMBER = "not_a_member"
    INSURER_SUSPENDED = "insurer_suspended"


def covers(valid_from: date, valid_until: date | None, on: date) -> bool:
    """Whether the local date `on` lies within the days, both included."""
    return valid_from <= on and (valid_until is None or on <= valid_until)


def plain_number(text: str) -> str:
    """One form for one member number: without spaces, full-width characters as ordinary ones, letters as capitals."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name: spaces, dots between the parts, width and case do not count."""
    return _plain_name(one) == _plain_name(other)


def _plain_name(text: str) -> str:
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()
