"""The hospital's formulary over HTTP."""

from typing import Any

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.edge.paths import own_id
from prescriptions import queries
from prescriptions.models.prescribing import Medicine
from prescriptions.names import MEDICINE_ID
from prescriptions.rules.lines import Listed
from prescriptions.schemas.formulary import MedicineChangeIn, MedicineIn, MedicineOut, MedicinesQuery
from prescriptions.service import formulary

blueprint = Blueprint("formulary", __name__, description="Which medicines a hospital's doctors prescribe")


@endpoint(
    blueprint, "POST", "/medicines",
    permission="formulary.manage", body=MedicineIn, answer=MedicineOut, status=201,
)  # fmt: skip
def add(call: Call, body: tuple[str, Listed]) -> Medicine:
    """Take a medicine into the formulary."""
    return formulary.add(Scope.for_tenant(call.tenant), *body, call.by, call.effect)


@endpoint(
    blueprint, "PUT", "/medicines/<medicine_id>",
    permission="formulary.manage", body=MedicineChangeIn, answer=MedicineOut, if_match=True,
)  # fmt: skip
def change(call: Call, body: formulary.Change, medicine_id: str) -> Medicine:
    """Change a medicine, or take it off the list; what was signed keeps it as it was."""
    known = own_id(medicine_id, MEDICINE_ID, call.principal.scope)
    return formulary.change(known, body, call.if_match, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/medicines",
    permission="medicines.read", query=MedicinesQuery, answer=page_of(MedicineOut),
)  # fmt: skip
def medicines(call: Call, query: dict[str, Any]) -> Page[Medicine]:
    """The formulary."""
    return queries.medicines(Scope.for_tenant(call.tenant), query)
