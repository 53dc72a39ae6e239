"""Bodies and answers of presence, and of the consent of home institutions."""

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import IdOf, Input, Instant, PublicIdField, Text, Version, Word
from tenants.home_consent_rules import ConsentState
from tenants.names import CONSENT_ID, CONSENT_REQUEST_ID, PRESENCE_ID, STAFF_ID, TENANT_ID
from tenants.practice_models import HomeConsent, HomeConsentRequest, Presence
from tenants.presence_rules import EndedBy, Method
from tenants.schemas import CODE, NAME
from tenants.service.consents import consent_id
from tenants.service.home_asking import request_id
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
    """The consent of a doctor's home institution (主执业机构) to practise online here, as it is on record (备案). An
    institution that is a tenant is asked; which one, where several have its name, says `home`.
    """

    staff = PublicIdField(STAFF_ID, required=True)
    number = Text(CODE, required=True)
    authority = Text(NAME, required=True)
    valid_from = fields.Date(required=True, format=DAY)
    valid_until = fields.Date(required=True, format=DAY)
    home = PublicIdField(TENANT_ID, load_default=None, allow_none=True)


class HomeConsentOut(Schema):
    """A consent; the days are local, the last one included."""

    id = IdOf(CONSENT_ID, consent_id)
    staff = IdOf(STAFF_ID, _staff)
    institution = fields.String()
    state = Word(ConsentState)
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


REQUEST_STATES = (ConsentState.ASKED, ConsentState.GIVEN, ConsentState.DECLINED, ConsentState.WITHDRAWN)


def _decider(row: HomeConsentRequest) -> PublicId | None:
    return PublicId(STAFF_ID, Scope.for_tenant(row.tenant_id), row.decided_by) if row.decided_by else None


class HomeConsentRequestOut(Schema):
    """That a site wants a doctor who is mainly registered here to practise online there; the days are local."""

    id = IdOf(CONSENT_REQUEST_ID, request_id)
    site_name = fields.String()
    doctor_name = fields.String()
    registration_number = fields.String(allow_none=True)
    number = fields.String()
    authority = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date()
    state = Word(REQUEST_STATES)
    asked_at = Instant()
    decided_by = IdOf(STAFF_ID, _decider, allow_none=True)
    decided_at = Instant(allow_none=True)
    version = Version()


class HomeConsentRequestsQuery(PageQuery):
    """Of one state; all of them where none is named."""

    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in REQUEST_STATES]))
