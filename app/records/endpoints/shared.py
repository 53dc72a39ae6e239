"""Reading what others keep of a resident, where the resident consented: each on the ground of something open.

A reading is a POST: it is an act, written down in the journals of all whom it concerns. Its answer is kept nowhere.
"""

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint

from app.core.ids import PublicId
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.edge.paths import own_id
from app.records.schemas import SharedRecordOut, SharedRecordsQuery
from app.records.service import grounds
from app.records.service.reading import SharedRecord, shared
from app.residents.api import CONTRACT_ID
from app.visits.api import VISIT_ID
from insurance.api import CASE_ID
from tenants.api import Viewer

READ = "shared_records.read"
AGAIN = "reading again reads the same, and only the first look in a quarter of an hour is written down"
blueprint = Blueprint("shared-records", __name__, description="Records that others keep, as their resident consented")


def page(
    call: Call, query: dict[str, Any], known: PublicId, ground: Callable[[Viewer, PublicId], grounds.Ground]
) -> Page[SharedRecord]:
    """A page of what the caller may read on a ground."""
    viewer = Viewer(call.principal.scope, call.by)
    return shared(ground(viewer, known), query["category"], query, call.by)


@endpoint(
    blueprint, "POST", "/visits/<visit_id>/record-readings",
    permission=READ, query=SharedRecordsQuery, answer=page_of(SharedRecordOut), idempotent_by=AGAIN,
)  # fmt: skip
def for_visit(call: Call, query: dict[str, Any], visit_id: str) -> Page[SharedRecord]:
    """For the doctor of a visit that is taken and open: what all institutions keep, newest first.

    Opened by a consent to `treatment`, or to `hospital_group`, for the category.
    """
    return page(call, query, own_id(visit_id, VISIT_ID, call.principal.scope), grounds.by_visit)


@endpoint(
    blueprint, "POST", "/family-contracts/<contract_id>/record-readings",
    permission=READ, query=SharedRecordsQuery, answer=page_of(SharedRecordOut), idempotent_by=AGAIN,
)  # fmt: skip
def for_contract(call: Call, query: dict[str, Any], contract_id: str) -> Page[SharedRecord]:
    """For a doctor of the team while the contract runs. Opened by a consent to `family_doctor` for the category."""
    return page(call, query, own_id(contract_id, CONTRACT_ID, call.principal.scope), grounds.by_contract)


@endpoint(
    blueprint, "POST", "/claim-cases/<claim_case_id>/record-readings",
    permission=READ, query=SharedRecordsQuery, answer=page_of(SharedRecordOut), idempotent_by=AGAIN,
)  # fmt: skip
def for_case(call: Call, query: dict[str, Any], claim_case_id: str) -> Page[SharedRecord]:
    """For a claims reviewer while the case is open. Opened by a consent to `insurance_claim` for the category."""
    return page(call, query, own_id(claim_case_id, CASE_ID, call.principal.scope), grounds.by_case)
