"""The states of what this slice keeps, and how one follows another. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class ApplicationState(StrEnum):
    """`submitted` until the operator decides; a rejected one is applied for anew."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


class LicenseState(StrEnum):
    """`submitted` until the operator decides; a valid one still ends with its last day by itself."""

    SUBMITTED = "submitted"
    VALID = "valid"
    REJECTED = "rejected"
    REPLACED = "replaced"
    REVOKED = "revoked"


_NEXT: Mapping[LicenseState, frozenset[LicenseState]] = {
    LicenseState.SUBMITTED: frozenset({LicenseState.VALID, LicenseState.REJECTED}),
    LicenseState.VALID: frozenset({LicenseState.REPLACED, LicenseState.REVOKED}),
}


def may_become(state: LicenseState, wanted: LicenseState) -> bool:
    """Whether a license in `state` may go on to `wanted`."""
    return wanted in _NEXT.get(state, frozenset())


class TenantState(StrEnum):
    """A suspended tenant's people and systems cannot act; its timers do."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class StaffState(StrEnum):
    """`invited` until the invitation is accepted; a suspended one may act again; an ended affiliation never comes
    back, a new one is made.
    """

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


BELONGING = (StaffState.ACTIVE, StaffState.SUSPENDED)
"""Whoever belongs to a tenant, also while they may not act: they come back."""
