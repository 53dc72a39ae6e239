"""Answers of the eligibility endpoints."""

from marshmallow import Schema

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import IdOf, Instant, Version, Word
from app.visits.api import VISIT_ID
from insurance.models.eligibility import EligibilityCheck
from insurance.names import ELIGIBILITY_ID
from insurance.rules.eligibility import InForce
from insurance.service.eligibility import check_id


def _visit(row: EligibilityCheck) -> PublicId:
    return PublicId(VISIT_ID, Scope.for_tenant(row.tenant_id), row.visit_id)


class EligibilityCheckOut(Schema):
    """Whether the visit's resident is covered."""

    id = IdOf(ELIGIBILITY_ID, check_id)
    visit = IdOf(VISIT_ID, _visit)
    answer = Word(InForce)
    as_of = Instant(allow_none=True, metadata={"description": "When it was answered; null while nobody has"})
    asked_at = Instant()
    version = Version()
