"""What a resident does about how they are covered."""

from typing import Any

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id
from insurance.names import COVERAGE_ID
from insurance.queries import coverages as queries
from insurance.schemas.coverages import CoverageIn, OwnCoverageOut
from insurance.service import requesting
from insurance.service.requesting import OwnCoverage

blueprint = Blueprint("coverages", __name__, description="Residents and how they are covered")


@endpoint(
    blueprint, "POST", "/me/coverages",
    permission="coverages.own", body=CoverageIn, answer=OwnCoverageOut, status=201,
)  # fmt: skip
def ask(call: Call, body: requesting.Membership) -> OwnCoverage:
    """Ask an insurer for the coverage under a member number.

    The insurer compares the verified name and identity number; its answer shows in the coverage's state. After five
    wrong numbers a day there is no other try (429).
    """
    return requesting.ask(call.person, body, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/me/coverages",
    permission="coverages.own", query=PageQuery, answer=page_of(OwnCoverageOut),
)  # fmt: skip
def mine(call: Call, query: dict[str, Any]) -> Page[OwnCoverage]:
    """The caller's own coverages and requests everywhere, newest first."""
    return queries.own_coverages(Scope.for_person(call.person), query)


@endpoint(blueprint, "GET", "/coverages/<coverage_id>", permission="coverages.own", answer=OwnCoverageOut)
def one(call: Call, coverage_id: str) -> OwnCoverage:
    """One of the caller's own coverages or requests."""
    return queries.own_coverage(Scope.for_person(call.person), any_id(coverage_id, COVERAGE_ID))
