"""Names that this slice gives to ids, relays and events."""

PLAN_ID = "pln"
MEMBER_ID = "mem"
COVERAGE_ID = "cov"
SETTLEMENT_ID = "stl"
CLAIM_ID = "clm"
CASE_ID = "ccs"
SCHEME_ID = "sch"
ELIGIBILITY_ID = "elg"

COVERAGE_ASKED = "coverage.asked"
"""The relay by which a person asks an insurer to know them as a member."""
COVERAGE_SHOW = "coverage.show"
"""The relay that tells a person what their coverage is now."""
INSURER = "insurer"
"""The kind of tenant that has plans and members."""

ELIGIBILITY_ASK = "eligibility.ask"
"""The relay by which a provider asks a person's scope how they are covered."""
ELIGIBILITY_FORWARD = "eligibility.forward"
"""The relay by which the person's scope passes the question on to their insurer."""
ELIGIBILITY_ANSWER = "eligibility.answer"
"""The relay that brings a provider the answer."""
ELIGIBILITY = "eligibility"
"""Why staff reads how a resident is covered."""

CLAIM_SUBMIT = "claim.submit"
"""The relay by which a provider claims from an insurer."""
CLAIM_ANSWER = "claim.answer"
"""The relay that tells a provider whether the insurer opened a case, or closed it because the claim was withdrawn."""
CLAIM_DECIDE = "claim.decide"
"""The relay that tells a provider what the insurer decided."""
CLAIM_WITHDRAW = "claim.withdraw"
"""The relay by which a provider takes a claim back."""
CLAIM_SETTLE = "claim.settle"
"""The relay that tells an insurer that the resident has back what was prepaid too much."""
CLAIM_PURPOSE = "claim"
"""Why staff reads what a claim or its case holds."""

SCHEME_HOSTS = "cloud_hospital_scheme_hosts"
"""Where the application keeps at which hosts public schemes may be reached."""

EVENTS: dict[str, str] = {
    "coverage.activated": "A resident proved to be a member: from now on they are covered on the platform.",
    "coverage.ended": "The membership ended, and the coverage with it, with a reason and a last day.",
    "claim.submitted": "A provider claims for a visit or a supply: its case can be read, and decided if it is open.",
    "claim.decided": "The case was decided; the provider hears of it.",
    "claim.decision_refused": "A decision changed nothing: its `case` was closed or is another version; see `code`.",
    "claim.settled": "The provider has taken the decision in and given back what was prepaid too much.",
    "claim.withdrawn": "The provider took the claim back before it was decided.",
}
"""Public events of this slice."""
