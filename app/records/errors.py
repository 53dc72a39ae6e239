"""Errors of reading what others keep, each with its stable code."""

from app.core.errors import Forbidden, TooManyRequests, WrongState
from tenants.api import PRACTICE_WORDS, PracticeRefusal


def no_consent() -> Forbidden:
    """The resident opened nothing of this kind to this institution now; whether there is anything is not said."""
    return Forbidden("the resident did not consent to this", code="no_consent")


def own_access() -> Forbidden:
    """Nobody reviews the access that they opened."""
    return Forbidden("nobody reviews what they opened", code="own_emergency_access")


def still_open() -> WrongState:
    """The doctor has an open access to this resident already."""
    return WrongState("an emergency access of yours to this resident is open", code="emergency_access_open")


def unfit(against: PracticeRefusal) -> WrongState:
    """Doctor or site may not treat anybody today; `against` says what of their papers stands against it."""
    return WrongState(PRACTICE_WORDS[against], code=against.value)


def too_many(retry_after: int) -> TooManyRequests:
    """The doctor has opened as many today as one may; `retry_after` in seconds, until the next local day."""
    return TooManyRequests(
        "no more emergency accesses of yours today", code="too_many_emergency_accesses", retry_after=retry_after
    )


def not_now() -> WrongState:
    """The access's state does not allow it."""
    return WrongState("the emergency access is not in a state in which this can be done", code="emergency_access_state")


def project_over() -> WrongState:
    """Nothing is read for the project any more: its last day is over, or it was ended."""
    return WrongState("the project is over", code="research_project_over")


def own_project() -> Forbidden:
    """Nobody reads for a project whose approval they answer for."""
    return Forbidden("somebody else answers for the approval of what you read for", code="own_research_project")
