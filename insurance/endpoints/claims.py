"""Claims at the provider, and their cases at the insurer."""

from typing import Any

from flask_smorest import Blueprint

from app.core.errors import Refused
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.edge.paths import own_id
from insurance.models import Claim, ClaimCase
from insurance.names import CASE_ID, CLAIM_ID
from insurance.queries import claims as queries
from insurance.schemas.claims import (
    ClaimCaseDetailOut,
    ClaimCaseOut,
    ClaimCasesQuery,
    ClaimDetailOut,
    ClaimOut,
    ClaimsQuery,
    DecisionIn,
)
from insurance.service import cases, withdrawing

blueprint = Blueprint("claims", __name__, description="Claims of providers, decided by insurers")


@endpoint(blueprint, "GET", "/claims", permission="claims.read", query=ClaimsQuery, answer=page_of(ClaimOut))
def claims(call: Call, query: dict[str, Any]) -> Page[Claim]:
    """The provider's claims, newest first."""
    return queries.claims_of(call.principal.scope, query)


@endpoint(blueprint, "GET", "/claims/<claim_id>", permission="claims.read", answer=ClaimDetailOut)
def claim(call: Call, claim_id: str) -> queries.ClaimDetail:
    """A claim with what was supplied; the look is written down."""
    return queries.claim_of(own_id(claim_id, CLAIM_ID, call.principal.scope), call.by)


@endpoint(blueprint, "POST", "/claims/<claim_id>/withdrawal", permission="claims.withdraw", answer=ClaimOut)
def withdraw(call: Call, claim_id: str) -> Claim:
    """Take a claim back that is not decided; a decision that is quicker stands."""
    return withdrawing.withdraw(own_id(claim_id, CLAIM_ID, call.principal.scope), call.by, call.effect)


@endpoint(
    blueprint, "GET", "/claim-cases",
    permission="claim_cases.read", query=ClaimCasesQuery, answer=page_of(ClaimCaseOut),
)  # fmt: skip
def listed(call: Call, query: dict[str, Any]) -> Page[ClaimCase]:
    """The insurer's cases, oldest first."""
    return queries.cases_of(call.principal.scope, query)


@endpoint(
    blueprint, "GET", "/claim-cases/<claim_case_id>",
    permission="claim_cases.read", answer=ClaimCaseDetailOut, partly_versioned=True,  # `used` changes with other cases
)  # fmt: skip
def case(call: Call, claim_case_id: str) -> queries.CaseDetail:
    """A case with everything that a decision needs; the first look is written down."""
    return queries.case_of(own_id(claim_case_id, CASE_ID, call.principal.scope), call.by)


@endpoint(
    blueprint, "POST", "/claim-cases/<claim_case_id>/decisions",
    permission="claim_cases.decide", body=DecisionIn, answer=ClaimCaseOut, status=201, if_match=True,
)  # fmt: skip
def decide(call: Call, body: cases.Decided, claim_case_id: str) -> ClaimCase | Refused:
    """Decide a case, line by line. One that comes late changes nothing and is written down."""
    return cases.decide(own_id(claim_case_id, CASE_ID, call.principal.scope), body, call.if_match, call.by, call.effect)
