"""Answers of the eligibility endpoints."""

from marshmallow import Schema, fields

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import Instant, Version
from app.visits.api import VISIT_ID
from insurance.models.eligibility import EligibilityCheck
from insurance.service.eligibility import check_id


def _visit(row: EligibilityCheck) -> str:
    return str(PublicId(VISIT_ID, Scope.for_tenant(row.tenant_id), row.visit_id))


class EligibilityCheckOut(Schema):
    """Whether the visit's resident is covered: `in_force`, `not_in_force` or `unknown`."""

    id = fields.Function(lambda row: str(check_id(row)))
    visit = fields.Function(_visit)
    answer = fields.String()
    as_of = Instant(allow_none=True, metadata={"description": "When it was answered; null while nobody has"})
    asked_at = Instant()
    version = Version()
