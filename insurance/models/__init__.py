"""Tables of insurance."""

from insurance.models.claims import Claim, ClaimCase
from insurance.models.coverages import BenefitCounters, Coverage, Member, PersonCoverage, Plan
from insurance.models.eligibility import EligibilityCheck
from insurance.models.settlements import SchemeConnection, Settlement

__all__ = [
    "BenefitCounters",
    "Claim",
    "ClaimCase",
    "Coverage",
    "EligibilityCheck",
    "Member",
    "PersonCoverage",
    "Plan",
    "SchemeConnection",
    "Settlement",
]
