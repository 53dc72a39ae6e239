"""Counts by doctor and medicine (统方), for supervision alone."""

from typing import Any

from flask_smorest import Blueprint

from app.core.ids import PublicId
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from prescriptions import counting_queries
from prescriptions.names import DRUG_COUNT_ID
from prescriptions.schemas.counting import CountsOut, DrugCountIn, DrugCountOut
from prescriptions.service import counting
from prescriptions.service.counting import Asked, Told, Wanted

blueprint = Blueprint("drug-counts", __name__, description="Counts by doctor and medicine, for supervision alone")


@endpoint(
    blueprint, "POST", "/drug-counts",
    permission="drug_counts.ask", body=DrugCountIn, answer=DrugCountOut, status=201, fresh=True,
)  # fmt: skip
def ask(call: Call, body: Wanted) -> Asked:
    """Ask for counts, with a reason; a pharmacist must confirm it."""
    return counting.ask(call.principal.scope, body, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/drug-counts", permission="drug_counts.read", query=PageQuery, answer=page_of(DrugCountOut)
)  # fmt: skip
def requests(call: Call, query: dict[str, Any]) -> Page[Asked]:
    """Every request for counts and what became of it, newest first; never the counts."""
    return counting_queries.requests(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/drug-counts/<drug_count_id>/confirmation",
    permission="drug_counts.confirm", answer=DrugCountOut, fresh=True,
)  # fmt: skip
def confirm(call: Call, drug_count_id: str) -> Asked:
    """Confirm somebody else's request: the worker counts within seconds, for who asked."""
    return counting.confirm(_known(call, drug_count_id), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/drug-counts/<drug_count_id>/withdrawal", permission="drug_counts.ask", answer=DrugCountOut
)  # fmt: skip
def withdraw(call: Call, drug_count_id: str) -> Asked:
    """Take one's own request back."""
    return counting.withdraw(_known(call, drug_count_id), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/drug-counts/<drug_count_id>/reading",
    permission="drug_counts.ask", answer=CountsOut, fresh=True,
    idempotent_by="reading again shows the same; the journal notes the first reading of each quarter of an hour",
)  # fmt: skip
def read(call: Call, drug_count_id: str) -> Told:
    """The counts that one asked for oneself, for a day; to others they are not there.

    While they are counted 409 `counts_not_ready`; 409 `too_many_prescriptions` where nothing is counted.
    """
    return counting.read(_known(call, drug_count_id), call.by)


def _known(call: Call, drug_count_id: str) -> PublicId:
    return own_id(drug_count_id, DRUG_COUNT_ID, call.principal.scope)
