"""Whether somebody is covered: the answers to a provider's question. Pure.

Source: FHIR R5 CoverageEligibilityRequest, of whose purposes only `validation` is served: no benefits, no amounts.
"""

from enum import StrEnum


class InForce(StrEnum):
    """`unknown` until somebody answers, and where whoever is asked cannot say."""

    IN_FORCE = "in_force"
    NOT_IN_FORCE = "not_in_force"
    UNKNOWN = "unknown"
