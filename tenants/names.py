"""Names that this slice gives to ids, relays and events."""

from app.core.scope import Scope
from app.core.send import models as sending
from app.identity.api import PERSON, STAFF

PLATFORM_NUMBER = 1
PLATFORM = Scope.for_tenant(PLATFORM_NUMBER)
"""The platform operator's own tenant: it gives the others their numbers."""
REGULATOR_NUMBER = 2
REGULATOR = Scope.for_tenant(REGULATOR_NUMBER)
"""The supervising authority's tenant."""
FIRST_NUMBER = 1000

APPLICATION_ID = "orgapp"
TENANT_ID = "ten"
STAFF_ID = STAFF
PERSON_ID = PERSON
ENDPOINT_ID = sending.ENDPOINT_ID
INVITATION_ID = "inv"
DELIVERY_ID = "dlv"
LICENSE_ID = "lic"
OFFER_ID = "dof"
REVIEW_ID = "lrv"
PROPOSAL_ID = "pps"
PRESENCE_ID = "prs"
CONSENT_ID = "hmc"
CONSENT_REQUEST_ID = "hcr"
REFUSAL_ID = "prf"

OPEN = "tenant.open"
PUBLISH = "tenant.publish"
PUBLISH_DOCTOR = "doctor.publish"
OFFER = "doctor.offer"
AFFILIATE = "affiliation.publish"
SUSPEND = "tenant.suspend"
SUBMIT_LICENSE = "license.submit"
DECIDE_LICENSE = "license.decide"
REVOKE_LICENSE = "license.revoke"
ASK_HOME = "home_consent.ask"
"""To the institution where a doctor is mainly registered: whether they may practise online at the giver's."""
END_ASKING = "home_consent.end"
"""To the same: the giver does without it from now on."""
ANSWER_HOME = "home_consent.answer"
"""From that institution: it consents, declines, or takes its consent back."""
EVENTS = {
    "tenant.opened": "The tenant was opened.",
    "tenant.suspended": "The platform operator suspended the tenant.",
    "tenant.reinstated": "The suspension ended.",
    "license.submitted": "A paper was handed in and waits for the platform operator.",
    "license.approved": "The operator checked the paper: what it allows is allowed.",
    "license.rejected": "The operator turned the paper down.",
    "license.replaced": "A newer paper took this one's place.",
    "license.revoked": "The operator revoked the license: what it allowed has ended.",
    "staff.invited": "Somebody was invited to the staff.",
    "staff.joined": "An invitation was accepted.",
    "staff.changed": "Roles or registration of a member changed.",
    "staff.suspended": "A member was suspended: every token of theirs is dead.",
    "staff.reinstated": "A member may act again.",
    "staff.ended": "An affiliation ended.",
    "presence.proved": "A clinician proved that they work now.",
    "practice.refused": "Care online was refused by a rule of practice: place, subject, dates, consent or presence.",
    "home_consent.recorded": "A doctor's home institution lets them practise online here, on paper.",
    "home_consent.asked": "A doctor's home institution, which is a tenant, was asked whether they may practise here.",
    "home_consent.given": "The home institution consents: its doctor may practise online here.",
    "home_consent.declined": "The home institution does not consent.",
    "home_consent.withdrawn": "The home institution took its consent back.",
    "home_consent_request.asked": "Another site wants a doctor who is mainly registered here to practise online there.",
    "home_consent_request.given": "The doctor may practise online there.",
    "home_consent_request.declined": "The doctor may not.",
    "home_consent_request.withdrawn": "The consent was taken back, or the site does without it.",
    "client.registered": "An API client was registered.",
    "client.revoked": "An API client was revoked.",
    "client.review_asked": "Whoever answered for an API client has left: somebody else says that it goes on, or not.",
}
"""Public events of this slice. What the tenant does with its webhook endpoints and deliveries stays out of them: an
endpoint that heard of its own deliveries would never come to rest."""

OUTSIDE = "cloud_hospital_outside"
PUBLIC_TYPES = "cloud_hospital_public_types"
FACE = "cloud_hospital_face"
PRESENCE = "cloud_hospital_presence"
"""Where the application keeps what this slice is given: who checks faces, how long a
presence lasts, how it reaches receivers, and which event types there are."""
