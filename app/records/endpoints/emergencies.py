"""Emergency accesses over HTTP: opened, read by and ended by doctors; reviewed by privacy officers."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.errors import Refused
from app.core.ids import PublicId
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.edge.paths import own_id
from app.records import queries
from app.records.endpoints.shared import AGAIN, page
from app.records.names import EMERGENCY_ID, TERM
from app.records.schemas import (
    EmergencyAccessDetailOut,
    EmergencyAccessesQuery,
    EmergencyAccessIn,
    EmergencyAccessListedOut,
    EmergencyAccessOut,
    EmergencyReviewIn,
    SharedRecordOut,
    SharedRecordsQuery,
)
from app.records.service import emergencies, grounds
from app.records.service.reading import SharedRecord
from app.records.service.showing import Detail, Shown
from tenants.api import Viewer

OPEN = "emergency_accesses.open"
LIST = "emergency_accesses.list"
REVIEW = "emergency_accesses.review"
blueprint = Blueprint("emergency-accesses", __name__, description="Reading without a consent, in an emergency")


def viewer(call: Call) -> Viewer:
    """The caller of an endpoint."""
    return Viewer(call.principal.scope, call.by)


def _own(call: Call, emergency_access_id: str) -> PublicId:
    return own_id(emergency_access_id, EMERGENCY_ID, call.principal.scope)


@endpoint(
    blueprint, "POST", "/emergency-accesses",
    permission=OPEN, body=EmergencyAccessIn, answer=EmergencyAccessOut, status=201, fresh=True,
)  # fmt: skip
def open_access(call: Call, body: emergencies.Wish) -> Shown | Refused:
    """Open a resident's records for some hours without a consent, with a reason.

    The resident and the institution's privacy officer are told at once; the officer reviews it.
    """
    return emergencies.open_access(viewer(call), body, current_app.extensions[TERM], call.effect)


@endpoint(
    blueprint, "GET", "/emergency-accesses",
    permission=LIST, query=EmergencyAccessesQuery, answer=page_of(EmergencyAccessListedOut),
)  # fmt: skip
def listed(call: Call, query: dict[str, Any]) -> Page[Shown]:
    """The institution's emergency accesses, newest first: who opened one, when, and what became of it."""
    return queries.accesses(viewer(call), query)


@endpoint(
    blueprint, "GET", "/emergency-accesses/<emergency_access_id>",
    permission=REVIEW, answer=EmergencyAccessDetailOut, partly_versioned=True,  # state and delay change with time
)  # fmt: skip
def one(call: Call, emergency_access_id: str) -> Detail:
    """One emergency access with the doctor's reasons."""
    return queries.access_of(viewer(call), _own(call, emergency_access_id))


@endpoint(
    blueprint, "POST", "/emergency-accesses/<emergency_access_id>/record-readings",
    permission=OPEN, query=SharedRecordsQuery, answer=page_of(SharedRecordOut), idempotent_by=AGAIN,
)  # fmt: skip
def read(call: Call, query: dict[str, Any], emergency_access_id: str) -> Page[SharedRecord]:
    """For the doctor who opened it, until it ends: what all institutions keep of the resident, newest first."""
    return page(call, query, _own(call, emergency_access_id), grounds.by_emergency)


@endpoint(
    blueprint, "POST", "/emergency-accesses/<emergency_access_id>/ending",
    permission=OPEN, answer=EmergencyAccessOut,
)  # fmt: skip
def close(call: Call, emergency_access_id: str) -> Shown:
    """End an access before its time is up."""
    return emergencies.close(viewer(call), _own(call, emergency_access_id), call.effect)


@endpoint(
    blueprint, "POST", "/emergency-accesses/<emergency_access_id>/review",
    permission=REVIEW, body=EmergencyReviewIn, answer=EmergencyAccessDetailOut, fresh=True,
)  # fmt: skip
def review(call: Call, body: dict[str, Any], emergency_access_id: str) -> Detail:
    """Say whether an access that has ended was justified; the resident is told."""
    known = _own(call, emergency_access_id)
    return emergencies.review(viewer(call), known, body["verdict"], body["findings"], call.effect)
