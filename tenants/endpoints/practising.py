"""Clinicians prove that they work now; administrators record what home institutions allow."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.errors import NotFound, Refused
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Keyset, Page, page_of
from app.edge.paths import own_id
from tenants.names import CONSENT_ID, FACE, PRESENCE
from tenants.practice_models import HomeConsent, Presence
from tenants.practice_schemas import FaceIn, HomeConsentIn, HomeConsentOut, HomeConsentsQuery, PresenceOut
from tenants.service import consents, presence

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
    """Record that a doctor's home institution lets them practise online here."""
    known = body["staff"]
    if known.scope != Scope.for_tenant(call.tenant):
        raise NotFound
    given = consents.Consent(body["number"], body["authority"], body["valid_from"], body["valid_until"])
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
    """The home institution takes its consent back."""
    return consents.withdraw(own_id(home_consent_id, CONSENT_ID, call.principal.scope), call.by, call.effect)
