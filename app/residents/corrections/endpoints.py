"""Corrections over HTTP."""

from typing import Any

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id, own_id
from app.residents.corrections import queries, service
from app.residents.corrections.schemas import (
    AmendmentIn,
    CorrectionIn,
    CorrectionOut,
    DeclineCorrectionIn,
    ListedCorrectionOut,
    StatementIn,
)
from app.residents.names import CORRECTION_ID
from tenants.api import Viewer

blueprint = Blueprint("corrections", __name__, description="Residents have corrected what institutions keep about them")


def viewer(call: Call) -> Viewer:
    """The caller of an endpoint."""
    return Viewer(call.principal.scope, call.by)


@endpoint(
    blueprint, "POST", "/me/corrections", permission="corrections.own", body=CorrectionIn, answer=CorrectionOut,
    status=201,
)  # fmt: skip
def ask(call: Call, body: dict[str, str]) -> service.SeenCorrection:
    """Ask an institution to correct what it keeps; it answers within 15 working days."""
    wish = service.Wish(body["wrong"], body["right"])
    return service.ask(Viewer(Scope.for_person(call.person), call.by), body["subject"], wish, call.effect)


@endpoint(
    blueprint, "GET", "/me/corrections", permission="corrections.own", query=PageQuery,
    answer=page_of(ListedCorrectionOut),
)  # fmt: skip
def own(call: Call, query: dict[str, Any]) -> Page[queries.ListedCorrection]:
    """What the caller asked of institutions, newest first."""
    return queries.own(Scope.for_person(call.person), query)


@endpoint(
    blueprint, "POST", "/me/corrections/<correction_id>/statement", permission="corrections.own", body=StatementIn,
    answer=CorrectionOut,
)  # fmt: skip
def disagree(call: Call, body: dict[str, str], correction_id: str) -> service.SeenCorrection:
    """Say once that one disagrees with a declining, and why; it stands beside it."""
    known = any_id(correction_id, CORRECTION_ID)
    return service.disagree(Viewer(Scope.for_person(call.person), call.by), known, body["text"], call.effect)


@endpoint(
    blueprint, "GET", "/corrections", permission="corrections.answer", query=PageQuery,
    answer=page_of(ListedCorrectionOut),
)  # fmt: skip
def waiting(call: Call, query: dict[str, Any]) -> Page[queries.ListedCorrection]:
    """The wishes that wait for the caller's answer, oldest first."""
    return queries.waiting(Scope.for_tenant(call.tenant), query, call.principal.permissions)


@endpoint(blueprint, "GET", "/corrections/<correction_id>", permission="corrections.read", answer=CorrectionOut)
def one(call: Call, correction_id: str) -> service.SeenCorrection:
    """One wish and its answer: of the caller, or read by who answers it, which the resident finds in their access
    log.
    """
    return service.read(viewer(call), any_id(correction_id, CORRECTION_ID), call.principal.permissions)


@endpoint(
    blueprint, "POST", "/corrections/<correction_id>/amendment", permission="corrections.answer", body=AmendmentIn,
    answer=CorrectionOut,
)  # fmt: skip
def amend(call: Call, body: dict[str, str], correction_id: str) -> service.SeenCorrection:
    """Say how it is to be read; the former version is kept."""
    known = own_id(correction_id, CORRECTION_ID, call.principal.scope)
    said = service.Answer(body["text"], former=body["former"])
    return service.answer(viewer(call), known, call.principal.permissions, said, call.effect)


@endpoint(
    blueprint, "POST", "/corrections/<correction_id>/declining", permission="corrections.answer",
    body=DeclineCorrectionIn, answer=CorrectionOut,
)  # fmt: skip
def decline(call: Call, body: dict[str, Any], correction_id: str) -> service.SeenCorrection:
    """Say why it stays."""
    known = own_id(correction_id, CORRECTION_ID, call.principal.scope)
    said = service.Answer(body["text"], reason=body["reason"])
    return service.answer(viewer(call), known, call.principal.permissions, said, call.effect)
