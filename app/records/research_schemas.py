"""Research projects and extracts on the wire."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import LONGEST_CURSOR
from app.edge.schema import IdOf, Input, Instant, Text, Version, Word
from app.identity.api import STAFF
from app.records.names import RESEARCH_PROJECT_ID
from app.records.rules.projects import ProjectState
from app.records.service.projects import Approved, SeenProject, project_id
from app.records.service.research import CATEGORIES
from app.residents.api import Category

NAME, APPROVAL = 200, 60


def _registrant(seen: SeenProject) -> PublicId:
    return PublicId(STAFF, Scope.for_tenant(seen.row.tenant_id), seen.row.registered_by)


class ResearchProjectIn(Input):
    """What an ethics committee approved."""

    name = Text(NAME, required=True)
    approval = Text(APPROVAL, required=True, metadata={"description": "The number of the approval"})
    ends_on = fields.Date(
        required=True, format="%Y-%m-%d", metadata={"description": "The last local day (Asia/Shanghai)"}
    )

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Approved:
        return Approved(**data)


class ResearchProjectOut(Schema):
    """A research project."""

    id = IdOf(RESEARCH_PROJECT_ID, lambda seen: project_id(seen.row))
    name = fields.String(attribute="row.name")
    approval = fields.String(attribute="row.approval")
    ends_on = fields.Date(attribute="row.ends_on")
    state = Word(ProjectState)
    registered_by = IdOf(STAFF, _registrant)
    registered_at = Instant(attribute="row.registered_at")
    ended_at = Instant(attribute="row.ended_at", allow_none=True)
    version = Version()


class ResearchExtractQuery(Input):
    """Which category, each opened by a consent of its own, and where to go on; how long a page is nobody chooses."""

    cursor = fields.String(load_default="", validate=validate.Length(max=LONGEST_CURSOR))
    category = fields.Enum(
        Category, by_value=True, load_default=Category.DIAGNOSES, validate=validate.OneOf(CATEGORIES)
    )


class ExtractedMedicineOut(Schema):
    """A prescribed medicine: its ATC group, its strength, and for how many days."""

    group = fields.String(required=True)
    strength = fields.String(required=True)
    days = fields.Integer(required=True)


class ExtractLineOut(Schema):
    """A visit, or a prescription, of somebody who consented; what belongs to the other category is null."""

    pseudonym = fields.String(
        required=True, metadata={"description": "Of one resident in this project; another one in each project"}
    )
    birth_year = fields.Integer(required=True)
    month = fields.String(required=True, metadata={"description": "As 2026-11 (Asia/Shanghai)"})
    diagnoses = fields.List(fields.String(), allow_none=True, metadata={"description": "Codes of ICD-10"})
    medicines = fields.List(fields.Nested(ExtractedMedicineOut), allow_none=True)
