"""Bodies and answers of presence, and of the consent of home institutions."""

from marshmallow import Schema, fields

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import IdOf, Input, Instant, PublicIdField, Text, Version, Word
from tenants.names import CONSENT_ID, PRESENCE_ID, STAFF_ID
from tenants.practice_models import HomeConsent, Presence
from tenants.presence_rules import EndedBy, Method
from tenants.schemas import CODE, NAME
from tenants.service.consents import consent_id
from tenants.service.presence import presence_id

DAY = "%Y-%m-%d"


def _staff(row: Presence | HomeConsent) -> PublicId:
    return PublicId(STAFF_ID, Scope.for_tenant(row.tenant_id), row.staff_id)


class FaceIn(Input):
    """The reference that the face checker's own program got on the clinician's device."""

    capture = Text(500, required=True)


class PresenceOut(Schema):
    """A proof of presence, until when it holds, and by which rule it ends then."""

    id = IdOf(PRESENCE_ID, presence_id)
    staff = IdOf(STAFF_ID, _staff)
    method = Word(Method)
    proved_at = Instant()
    ends_at = Instant(attribute="due_at")
    ended_by = Word(EndedBy)


class HomeConsentIn(Input):
    """The consent of a doctor's home institution (主执业机构) to practise online here, as it is on record (备案)."""

    staff = PublicIdField(STAFF_ID, required=True)
    number = Text(CODE, required=True)
    authority = Text(NAME, required=True)
    valid_from = fields.Date(required=True, format=DAY)
    valid_until = fields.Date(required=True, format=DAY)


class HomeConsentOut(Schema):
    """A consent; the days are local, the last one included."""

    id = IdOf(CONSENT_ID, consent_id)
    staff = IdOf(STAFF_ID, _staff)
    number = fields.String()
    authority = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date()
    recorded_at = Instant()
    withdrawn_at = Instant(allow_none=True)
    version = Version()


class HomeConsentsQuery(PageQuery):
    """Whose; everybody's where nobody is named."""

    staff = PublicIdField(STAFF_ID, load_default=None)
