"""Who signs, decides and administers does so with a second factor: to begin with, and a fresh one where it is asked."""

import re
from datetime import timedelta
from functools import cache
from typing import Any

import pyotp
import pytest
from flask import Flask

from app.core.errors import Unauthenticated
from app.edge.api import PREFIX
from app.identity.api import NEED_SECOND_FACTOR, Role, authenticate
from deploy.demo.passkeys import SecurityKey
from tenants.rules import Kind
from tenants.staff_rules import ROLES_OF
from tests.identity.passkeys.keys import PAGE, Anybody, make, proof
from tests.tenants.conftest import Clock
from tests.tenants.world import Actor, Tenant, World, doctor, prove

REQUIRED, MISSING = "second_factor_required", "second_factor_missing"
FRESH = {
    "POST /account-cases/{case_id}/dismissal", "POST /account-cases/{case_id}/hand-over",
    "POST /account-cases/{case_id}/hand-over/confirmation", "POST /account-cases/{case_id}/separation",
    "POST /api-clients", "POST /civil-papers/{civil_paper_id}/acceptance",
    "POST /civil-papers/{civil_paper_id}/rejection", "POST /deaths", "POST /deaths/{death_id}/confirmation",
    "POST /deaths/{death_id}/undoing", "POST /deaths/{death_id}/withdrawal", "POST /emergency-accesses",
    "POST /emergency-accesses/{emergency_access_id}/review", "POST /guardianship-endings", "POST /merchant-accounts",
    "POST /merchant-accounts/{account_id}/webhook-secrets",
    "POST /organization-applications/{application_id}/approval",
    "POST /organization-applications/{application_id}/rejection", "POST /operator-invitations",
    "POST /given-up-reversals/{reversal_id}/attempts", "POST /given-up-reversals/{reversal_id}/word",
    "POST /drug-counts", "POST /drug-counts/{drug_count_id}/confirmation", "POST /drug-counts/{drug_count_id}/reading",
    "POST /merchant-account-changes", "POST /merchant-account-changes/{account_change_id}/confirmation",
    "POST /staff/{staff_id}/suspension", "POST /staff/{staff_id}/reinstatement",
    "POST /api-clients/{client_id}/review", "POST /apps/{app_id}/review",
    "POST /license-reviews/{review_id}/approval", "POST /license-reviews/{review_id}/rejection",
    "POST /licenses/{license_id}/revocation", "POST /proposals/{proposal_id}/confirmation",
    "POST /tenants/{tenant_id}/suspension", "POST /tenants/{tenant_id}/reinstatement",
    "POST /prescription-reviews/{prescription_review_id}/passing",
    "POST /prescription-reviews/{prescription_review_id}/rejection",
    "POST /prescriptions/{prescription_id}/confirmation", "POST /prescriptions/{prescription_id}/signature",
    "POST /routing-orders/{routing_order_id}/check", "POST /scheme-connections", "POST /signing-keys",
    "PUT /scheme-connections/{scheme_connection_id}",
    "POST /signing-keys/{signing_key_id}/certificates", "POST /signing-keys/{signing_key_id}/revocation",
    "POST /home-consent-requests/{home_consent_request_id}/approval",
    "POST /home-consent-requests/{home_consent_request_id}/declining",
    "POST /home-consent-requests/{home_consent_request_id}/withdrawal",
    "POST /home-consents", "POST /home-consents/{home_consent_id}/withdrawal", "POST /presences",
    "POST /refunds/{refund_id}/attempts", "POST /refunds/{refund_id}/transfer", "POST /research-projects",
    "POST /staff", "POST /staff/{staff_id}/ending", "POST /visits/{visit_id}/conclusion",
    "POST /visits/{visit_id}/inspections",
    "POST /webhook-endpoints/{endpoint_id}/secret-rotation", "PUT /staff/{staff_id}",
}  # fmt: skip
"""What asks for a second factor of the last 15 minutes."""
EVERY = ["doctor", "pharmacist", "tenant_administrator", "medical_affairs", "finance_supervisor", "privacy_officer"]
BY_OPERATORS = (
    "account_cases.decide", "civil_papers.decide", "organization_applications.decide", "proposals.decide",
)  # fmt: skip
GIVEN = {Kind.CLINIC: ROLES_OF[Kind.CLINIC], Kind.INSURER: frozenset({Role.CLAIMS_REVIEWER})}


@cache
def described(app: Flask) -> dict[str, Any]:
    document = app.test_client().get(f"{PREFIX}/openapi.json").get_json()
    return {
        f"{method.upper()} {path.removeprefix(PREFIX)}": one
        for path, operations in document["paths"].items()
        for method, one in operations.items()
        if isinstance(one, dict) and "x-permission" in one
    }


def refused_without(world: World, tenant: Tenant, role: Role) -> bool:
    """Whether somebody with that role got their token only after a proof."""
    person, joined = world.join(tenant, doctor(roles=[role], subjects=["03"] if role == Role.DOCTOR else []))
    path = f"/me/affiliations/{joined}/tokens"
    answer = person.ask("POST", path)
    if refused := answer.status_code == 403 and answer.get_json()["code"] == MISSING:
        prove(person)
    assert person.do("POST", path)["access_token"]
    return refused


def test_which_roles_need_one(world: World) -> None:
    for kind, roles in GIVEN.items():
        tenant = world.open(kind)
        assert {role for role in roles if refused_without(world, tenant, role)} == roles & NEED_SECOND_FACTOR


def test_an_operator_needs_one(world: World) -> None:
    again = world.again(world.operator)
    assert again.refused(403, "POST", f"/me/affiliations/{world.operator_member}/tokens") == MISSING


def test_from_the_app_to_the_signature_desk(world: World, clinic: Tenant, clock: Clock) -> None:
    """Enrolled once, each sign-in proves it, and its proof counts for those as staff too."""
    person, joined = world.join(clinic, doctor())
    added = person.do("POST", "/me/authenticators", {"name": "a"})
    app, path = pyotp.TOTP(added["secret"]), f"/me/affiliations/{joined}/tokens"
    confirmation = f"/me/authenticators/{added['authenticator']['id']}/confirmation"
    person.do("POST", confirmation, {"code": app.at(clock.now())})
    again = world.again(person)
    assert again.refused(403, "POST", path) == REQUIRED
    clock.ahead = timedelta(minutes=1)
    again.do("POST", "/me/second-factor", {"code": app.at(clock.now())})
    acting = Actor(world.app, again.do("POST", path)["access_token"], person.id)
    clock.ahead = timedelta(minutes=16)
    assert acting.refused(403, "POST", "/signing-keys") == REQUIRED
    again.do("POST", "/me/second-factor", {"code": app.at(clock.now())})
    acting.do("POST", "/signing-keys")
    assert acting.refused(403, "POST", "/me/second-factor", {"code": app.at(clock.now())}) == "forbidden"


def test_a_passkey_is_one(world: World, clinic: Tenant, clock: Clock) -> None:
    """Shown alone it is both factors; when that is stale, it is shown again."""
    person, joined = world.join(clinic, doctor())
    key, path = SecurityKey(PAGE), f"/me/affiliations/{joined}/tokens"
    make(person, key)
    by_phone, by_passkey = world.again(person), Anybody(world.app).sign_in(key)
    assert by_phone.refused(403, "POST", path) == REQUIRED
    acting = Actor(world.app, by_passkey.do("POST", path)["access_token"], person.id)
    acting.do("POST", "/signing-keys")
    clock.ahead = timedelta(minutes=15)
    assert acting.refused(403, "POST", "/signing-keys") == REQUIRED
    by_passkey.do("POST", "/me/second-factor", proof(by_passkey, key))
    assert acting.refused(409, "POST", "/signing-keys") == "signing_key_exists"
    assert acting.refused(403, "POST", "/me/passkey-challenges") == "forbidden"


def test_what_asks_for_a_fresh_one_says_so(world: World) -> None:
    asking = {name for name, one in described(world.app).items() if one["responses"].get("403") == STEP_UP}
    assert asking == FRESH


STEP_UP = {"$ref": "#/components/responses/SECOND_FACTOR"}


def test_a_stale_one_is_refused_and_a_fresh_one_is_not(world: World, clinic: Tenant, clock: Clock) -> None:
    person, joined = world.join(clinic, doctor(roles=EVERY))
    acting, origins = world.act(person, joined), [person, world.again(world.operator)]
    operator = world.act(origins[1], world.operator_member)
    clock.ahead = timedelta(minutes=15)
    for proved in (False, True):
        for name in sorted(FRESH):
            method, _, path = name.partition(" ")
            by = operator if described(world.app)[name]["x-permission"] in BY_OPERATORS else acting
            answer = by.ask(method, re.sub("{[^}]*}", "x_0", path), {})
            assert answer.json, name
            assert ((answer.status_code, answer.json.get("code")) == (403, REQUIRED)) != proved, name
        for origin in origins:
            prove(origin)


def test_a_client_is_proved_by_its_credentials(world: World, clinic: Tenant) -> None:
    client = world.client(clinic, "webhooks.manage")
    assert client.refused(404, "POST", "/webhook-endpoints/x_0/secret-rotation", {}) == "not_found"


def test_a_role_that_needs_one_ends_the_sign_ins_without_it(world: World, clinic: Tenant) -> None:
    person, joined = world.join(clinic, doctor(roles=["registrar"], subjects=[]))
    acting = Actor(world.app, person.do("POST", f"/me/affiliations/{joined}/tokens")["access_token"])
    clinic.administrator.do("PUT", f"/staff/{joined}", doctor(roles=["registrar", "doctor"]), If_Match='"2"')
    with pytest.raises(Unauthenticated):
        authenticate(acting.token)
    assert person.refused(403, "POST", f"/me/affiliations/{joined}/tokens") == MISSING
