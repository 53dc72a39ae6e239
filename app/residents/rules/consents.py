"""Consents to reading: for which purposes, which categories, to whom, how long. Pure.

Source: 个人信息保护法 2021: health data is sensitive (art. 28) and asks for a consent of its own (art. 29), given
knowingly (arts. 14, 17, 30), for a giver who names the taker (art. 23), withdrawn as easily as given (art. 15), and
never a condition of what does not need it (art. 16). So one consent is one category for one purpose of one institution:
nothing can be bundled, and each is taken back alone.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from app.core.calendar import years_after
from tenants.api import Kind

LONGEST = 2
"""Years: the longest that a consent may last. A default without a legal source: the law asks for no longer than is
needed.
"""
MOST_CONSENTS = 200
"""Consents of one person that are not ended."""


class Purpose(StrEnum):
    """What for."""

    TREATMENT = "treatment"
    FAMILY_DOCTOR = "family_doctor"
    RESEARCH = "research"
    HOSPITAL_GROUP = "hospital_group"
    """Treatment by the institution and by those that are parts of it."""
    INSURANCE_CLAIM = "insurance_claim"


class Category(StrEnum):
    """What of a person's records."""

    VISITS = "visits"
    """Where, when and by whom they were treated."""
    DIAGNOSES = "diagnoses"
    """What was found in those visits."""
    PRESCRIPTIONS = "prescriptions"
    ALLERGIES = "allergies"


class State(StrEnum):
    """Where a consent stands; `ended` begins with the day after the last one, by itself."""

    GRANTED = "granted"
    REVOKED = "revoked"
    REPLACED = "replaced"
    """By one that was given later, for the same."""
    ENDED = "ended"


_CARE = frozenset({Kind.HOSPITAL, Kind.CLINIC, Kind.FAMILY_DOCTOR_TEAM})
KINDS: Mapping[Purpose, frozenset[Kind]] = {
    Purpose.TREATMENT: _CARE,
    Purpose.FAMILY_DOCTOR: frozenset({Kind.FAMILY_DOCTOR_TEAM}),
    Purpose.RESEARCH: frozenset({Kind.HOSPITAL, Kind.CLINIC}),
    Purpose.HOSPITAL_GROUP: frozenset({Kind.HOSPITAL, Kind.CLINIC}),
    Purpose.INSURANCE_CLAIM: frozenset({Kind.INSURER}),
}
"""To which kinds of institution one may consent for each purpose."""


def present_state(state: State, ends_on: date, today: date) -> State:
    """The state of a consent on the local date `today`."""
    return State.ENDED if state is State.GRANTED and ends_on < today else state


def is_bounded(ends_on: date, today: date) -> bool:
    """Whether a consent that is given on the local date `today` may last until `ends_on`."""
    return today <= ends_on <= years_after(today, LONGEST)
