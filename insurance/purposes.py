"""For which purpose staff and systems read claims, cases and checks: the conditions by which queries find them."""

from datetime import timedelta

from sqlalchemy import ColumnElement, or_

from app.core.calendar import local_date
from app.core.purposes import Purpose
from app.core.renamed import stored
from app.core.unit import Unit
from insurance.models import Claim, ClaimCase
from insurance.models.coverages import Member
from insurance.models.eligibility import EligibilityCheck
from insurance.names import CLAIM_PURPOSE, ELIGIBILITY
from insurance.rules.claims import CaseState, ClaimState

DISPUTED = timedelta(days=2 * 366)
"""For how long after the service a claim that has ended may be read: as long as it may be disputed (保险法, article 26:
two years for insurances other than of life).
"""
ASKED = timedelta(days=7)
"""For how long a check may be read: longer than any visit stays open. A default without a legal source."""
_CLAIM_ENDS = (ClaimState.SETTLED, ClaimState.TURNED_AWAY, ClaimState.WITHDRAWN)
_CASE_ENDS = (CaseState.SETTLED, CaseState.WITHDRAWN)


def claims_payment(unit: Unit) -> ColumnElement[bool]:
    """The claim is open, or may be disputed."""
    return or_(
        Claim.state.not_in(stored(Claim.state, *_CLAIM_ENDS)), Claim.service_date >= local_date(unit.now) - DISPUTED
    )


def decides(unit: Unit) -> ColumnElement[bool]:
    """The case is open, or may be disputed."""
    return or_(ClaimCase.state.not_in(_CASE_ENDS), ClaimCase.service_date >= local_date(unit.now) - DISPUTED)


def insures(unit: Unit) -> ColumnElement[bool]:
    """The membership lasts, or what it covered may be disputed."""
    return or_(Member.valid_until.is_(None), Member.valid_until >= local_date(unit.now) - DISPUTED)


def was_asked_lately(unit: Unit) -> ColumnElement[bool]:
    """The visit for which it was asked may be open."""
    return EligibilityCheck.asked_at > unit.now - ASKED


PURPOSES = (
    Purpose(
        "claim with what was supplied", "finance clerk, administrator", "claims of the provider",
        "two years after the service, and not before it ended", CLAIM_PURPOSE,
    ),
    Purpose(
        "claim case with what was supplied, and the member's number", "claims reviewer, systems of the insurer",
        "cases of the insurer", "two years after the service, and not before it ended", CLAIM_PURPOSE,
    ),
    Purpose(
        "member: name, number, plan", "administrator, integrator, systems of the insurer",
        "members of the insurer", "two years after the last covered day", "",
    ),
    Purpose(
        "eligibility check", "registrar, finance clerk", "those that the provider asked for an open visit",
        "a week after it was asked", ELIGIBILITY,
    ),
)  # fmt: skip
