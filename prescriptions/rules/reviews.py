"""The review of a prescription by a pharmacist who did not write it. Pure.

Source: 医疗机构处方审核规范 2018: a pharmacist is the first who is responsible; nothing is supplied before it passed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(minutes=5)
"""For how long a pharmacist has a review that they took; taking it again renews it. A default without a source."""


class ReviewState(StrEnum):
    """Where a review stands."""

    QUEUED = "queued"
    TAKEN = "taken"
    QUERY = "query"
    """The doctor is asked."""
    PASSED = "passed"
    REJECTED = "rejected"
    DROPPED = "dropped"
    """The prescription ended before."""


class ReviewReason(StrEnum):
    """Why a pharmacist rejects a prescription or asks about it."""

    INCOMPLETE = "incomplete"
    DIAGNOSIS = "diagnosis_does_not_fit"
    DOSE = "dose"
    ROUTE = "route"
    DUPLICATE = "duplicate"
    INTERACTION = "interaction"
    CONTRAINDICATION = "contraindication"
    ALLERGY = "allergy"
    QUANTITY = "quantity"
    OTHER = "other"


class Refusal(StrEnum):
    """Why a pharmacist may not act on a review."""

    OWN_WORK = "own_prescription"
    TAKEN = "review_taken"
    NOT_TAKEN = "review_not_taken"
    STATE = "review_state"


@dataclass(frozen=True)
class Standing:
    """A review as one pharmacist finds it."""

    state: ReviewState
    author: bool
    """Whether this pharmacist wrote the prescription."""
    mine: bool
    """Whether this pharmacist took it last."""
    taken_until: datetime | None


def against_taking(found: Standing, now: datetime) -> Refusal | None:
    """Why it cannot be taken; None where it can: it waits, its lease is over, or it is renewed."""
    if found.author:
        return Refusal.OWN_WORK
    if found.state is ReviewState.QUEUED:
        return None
    if found.state is not ReviewState.TAKEN:
        return Refusal.STATE
    return None if found.mine or _over(found, now) else Refusal.TAKEN


def against_deciding(found: Standing, now: datetime) -> Refusal | None:
    """Why it cannot be decided on; None while the lease of who took it holds."""
    if found.author:
        return Refusal.OWN_WORK
    if found.state not in (ReviewState.TAKEN, ReviewState.QUEUED):
        return Refusal.STATE
    holds = found.state is ReviewState.TAKEN and found.mine and not _over(found, now)
    return None if holds else Refusal.NOT_TAKEN


def _over(found: Standing, now: datetime) -> bool:
    return found.taken_until is None or found.taken_until <= now
