"""Bodies and answers of counts by doctor and medicine."""

import uuid
from typing import Any

from marshmallow import Schema, fields, post_load

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import IdOf, Input, Instant, Text, Version, Word
from prescriptions.names import DRUG_COUNT_ID
from prescriptions.rules.counting import RequestState
from prescriptions.service.counting import Asked, Wanted
from tenants.api import STAFF_ID

REASON = 500


def _member(one: Asked, id: uuid.UUID | None) -> PublicId | None:
    return None if id is None else PublicId(STAFF_ID, Scope.for_tenant(one.row.tenant_id), id)


class DrugCountIn(Input):
    """For what time counts are wanted, local dates that are included, and why."""

    begins_on = fields.Date(required=True, format="%Y-%m-%d")
    ends_on = fields.Date(required=True, format="%Y-%m-%d")
    reason = Text(REASON, required=True)

    @post_load
    def make(self, data: dict[str, Any], **rest: Any) -> Wanted:
        """What the service takes."""
        return Wanted(**data)


class DrugCountOut(Schema):
    """A request for counts, and what became of it; `expires_at` while it waits for somebody to confirm it."""

    id = IdOf(DRUG_COUNT_ID, lambda one: PublicId(DRUG_COUNT_ID, Scope.for_tenant(one.row.tenant_id), one.row.id))
    begins_on = fields.Date(required=True, attribute="wanted.begins_on")
    ends_on = fields.Date(required=True, attribute="wanted.ends_on")
    reason = fields.String(required=True, attribute="wanted.reason")
    state = Word(RequestState, required=True)
    requested_by = IdOf(STAFF_ID, lambda one: _member(one, one.row.proposed_by))
    decided_by = IdOf(STAFF_ID, lambda one: _member(one, one.row.decided_by), allow_none=True)
    version = Version(required=True)
    created_at = Instant(required=True, attribute="row.created_at")
    decided_at = Instant(allow_none=True, required=True, attribute="row.decided_at")
    expires_at = Instant(allow_none=True, required=True, attribute="row.due_at")


class CountedOut(Schema):
    """How often a doctor prescribed a medicine, and how many packs."""

    doctor = fields.String(required=True)
    doctor_name = fields.String(required=True)
    medicine = fields.String(required=True, metadata={"description": "The national code"})
    medicine_name = fields.String(required=True)
    prescriptions = fields.Integer(required=True)
    packs = fields.Integer(required=True)


class CountsOut(Schema):
    """The counts, most packs first, until when they may be read."""

    data = fields.List(fields.Nested(CountedOut), required=True, attribute="counts")
    expires_at = Instant(required=True)
