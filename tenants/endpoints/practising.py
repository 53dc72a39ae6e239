"""Clinicians prove that they work now; administrators record what home institutions allow."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.errors import NotFound, Refused
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Keyset, Page, page_of
from app.edge.paths import own_id
from tenants.home_consent_rules import ConsentState
from tenants.names import CONSENT_ID, CONSENT_REQUEST_ID, FACE, PRESENCE
from tenants.practice_models import HomeConsent, HomeConsentRequest, Presence
from tenants.practice_schemas import (
    FaceIn,
    HomeConsentIn,
    HomeConsentOut,
    HomeConsentRequestOut,
    HomeConsentRequestsQuery,
    HomeConsentsQuery,
    PresenceOut,
)
from tenants.service import consents, home_asking, presence

blueprint = Blueprint("practising", __name__, description="Presence of clinicians, and where they may practise online")
_CONSENTS = Keyset("home_consents", (HomeConsent.id,), descending=True)


@endpoint(blueprint, "POST", "/presences", permission="presences.prove", answer=PresenceOut, status=201, fresh=True)
def prove(call: Call) -> Presence:
    """Begin one's shift online: asked for once a shift, with a fresh second factor."""
    scope = Scope.for_tenant(call.tenant)
    return presence.prove(scope, current_app.extensions[PRESENCE], call.by, call.effect)


@endpoint(
    blueprint, "POST", "/presences/by-face", permission="presences.prove", body=FaceIn, answer=PresenceOut, status=201
)
def prove_by_face(call: Call, body: dict[str, str]) -> Presence | Refused:
    """The same by a face check."""
    face = presence.Face(current_app.extensions[FACE], body["capture"])
    longest = current_app.extensions[PRESENCE]
    return presence.prove_by_face(Scope.for_tenant(call.tenant), face, longest, call.by, call.effect)


@endpoint(blueprint, "GET", "/presences/current", permission="presences.prove", answer=PresenceOut)
def current(call: Call) -> Presence:
    """One's own presence, while it holds."""
    return presence.own(Scope.for_tenant(call.tenant), call.by)


@endpoint(
    blueprint, "POST", "/home-consents",
    permission="staff.manage", body=HomeConsentIn, answer=HomeConsentOut, status=201, fresh=True,
)  # fmt: skip
def consent(call: Call, body: dict[str, Any]) -> HomeConsent:
    """Record that a doctor's home institution lets them practise online here; where it is a tenant, it is asked, and
    until it consents they do not.
    """
    known = body["staff"]
    if known.scope != Scope.for_tenant(call.tenant):
        raise NotFound
    given = consents.Consent(body["number"], body["authority"], body["valid_from"], body["valid_until"], body["home"])
    return consents.add(known, given, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/home-consents",
    permission="staff.manage", query=HomeConsentsQuery, answer=page_of(HomeConsentOut),
)  # fmt: skip
def listed(call: Call, query: dict[str, Any]) -> Page[HomeConsent]:
    """The consents that are on record, newest first."""
    with unit(Scope.for_tenant(call.tenant)) as reading:
        found = reading.select(HomeConsent)
        if query["staff"]:
            found = found.where(HomeConsent.staff_id == query["staff"].id)
        return _CONSENTS.page(reading, found, query)


@endpoint(
    blueprint, "POST", "/home-consents/<home_consent_id>/withdrawal",
    permission="staff.manage", answer=HomeConsentOut, fresh=True,
)  # fmt: skip
def withdraw(call: Call, home_consent_id: str) -> HomeConsent:
    """The home institution takes its consent back, or the site does without."""
    return consents.withdraw(own_id(home_consent_id, CONSENT_ID, call.principal.scope), call.by, call.effect)


@endpoint(
    blueprint, "GET", "/home-consent-requests",
    permission="home_consents.decide", query=HomeConsentRequestsQuery, answer=page_of(HomeConsentRequestOut),
)  # fmt: skip
def requests(call: Call, query: dict[str, Any]) -> Page[HomeConsentRequest]:
    """What other sites ask about doctors who are mainly registered here, newest first."""
    return home_asking.listed(Scope.for_tenant(call.tenant), query)


@endpoint(
    blueprint, "POST", "/home-consent-requests/<home_consent_request_id>/approval",
    permission="home_consents.decide", answer=HomeConsentRequestOut, fresh=True,
)  # fmt: skip
def approve(call: Call, home_consent_request_id: str) -> HomeConsentRequest:
    """Consent: the doctor may practise online at that site on those days."""
    return home_asking.decide(_request(call, home_consent_request_id), ConsentState.GIVEN, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/home-consent-requests/<home_consent_request_id>/declining",
    permission="home_consents.decide", answer=HomeConsentRequestOut, fresh=True,
)  # fmt: skip
def decline(call: Call, home_consent_request_id: str) -> HomeConsentRequest:
    """Do not consent."""
    return home_asking.decide(_request(call, home_consent_request_id), ConsentState.DECLINED, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/home-consent-requests/<home_consent_request_id>/withdrawal",
    permission="home_consents.decide", answer=HomeConsentRequestOut, fresh=True,
)  # fmt: skip
def take_back(call: Call, home_consent_request_id: str) -> HomeConsentRequest:
    """Take the consent back: the doctor may not practise online there as soon as the site has heard of it."""
    return home_asking.decide(_request(call, home_consent_request_id), ConsentState.WITHDRAWN, call.by, call.effect)


def _request(call: Call, home_consent_request_id: str) -> PublicId:
    return own_id(home_consent_request_id, CONSENT_REQUEST_ID, call.principal.scope)
