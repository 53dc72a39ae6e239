"""What a provider's office asks about how a visit's resident is covered."""

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paths import own_id
from app.visits.api import VISIT_ID
from insurance.models.eligibility import EligibilityCheck
from insurance.names import ELIGIBILITY_ID
from insurance.schemas.eligibility import EligibilityCheckOut
from insurance.service import eligibility

blueprint = Blueprint("eligibility", __name__, description="Whether a resident is covered")


@endpoint(
    blueprint, "POST", "/visits/<visit_id>/eligibility-checks",
    permission="eligibility_checks.ask", answer=EligibilityCheckOut, status=201,
)  # fmt: skip
def ask(call: Call, visit_id: str) -> EligibilityCheck:
    """Ask whether the resident of an open visit is covered today. The answer comes a little later; read it by its id.

    The resident finds in their journal who asked. No money moves.
    """
    return eligibility.ask(own_id(visit_id, VISIT_ID, call.principal.scope), call.by, call.effect)


@endpoint(
    blueprint, "GET", "/eligibility-checks/<eligibility_check_id>",
    permission="eligibility_checks.ask", answer=EligibilityCheckOut,
)  # fmt: skip
def one(call: Call, eligibility_check_id: str) -> EligibilityCheck:
    """A question with its answer, as far as there is one."""
    return eligibility.read(own_id(eligibility_check_id, ELIGIBILITY_ID, call.principal.scope), call.by)
