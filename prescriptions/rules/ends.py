"""Why a signed prescription is taken back. Pure."""

from enum import StrEnum


class WithdrawReason(StrEnum):
    """Why its doctor withdraws it."""

    WRITTEN_WRONGLY = "written_wrongly"
    CHANGED_CONDITION = "changed_condition"
    ADVERSE_REACTION = "adverse_reaction"
    NO_LONGER_NEEDED = "no_longer_needed"
    ASKED_BY_RESIDENT = "asked_by_resident"


VISIT_FAILED = "visit_not_completed"
"""Why it ends unasked: the visit that bore it does not count as care."""


class CloseReason(StrEnum):
    """Why its resident gives it up."""

    NOT_WANTED = "not_wanted"
    TOO_EXPENSIVE = "too_expensive"
    NOT_AVAILABLE = "not_available"
    HAS_ENOUGH = "has_enough"
