"""Second factors over HTTP. A person acts as themself here, never as staff."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.errors import Refused
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.identity.factors import authenticators, proving, recovery
from app.identity.factors.models import Authenticator
from app.identity.factors.schemas import (
    AddedAuthenticatorOut,
    AuthenticatorIn,
    AuthenticatorOut,
    FirstCodeIn,
    MadeRecoveryCodesOut,
    RecoveryCodesOut,
    SecondFactorIn,
    SecondFactorOut,
)
from app.identity.passkeys.names import RELYING_PARTY
from app.identity.passkeys.service import using

blueprint = Blueprint("second-factors", __name__, description="What people prove themselves with beside their phone")


@endpoint(
    blueprint, "GET", "/me/authenticators",
    permission="credentials.read", query=PageQuery, answer=page_of(AuthenticatorOut),
)  # fmt: skip
def own(call: Call, query: dict[str, Any]) -> Page[Authenticator]:
    """One's own authenticators, newest first."""
    return authenticators.listed(_scope(call), query)


@endpoint(
    blueprint, "POST", "/me/authenticators",
    permission="me.write", body=AuthenticatorIn, answer=AddedAuthenticatorOut, status=201,
    secret_fields=("secret", "otpauth_uri"),
)  # fmt: skip
def add(call: Call, body: dict[str, str]) -> authenticators.Added:
    """Add an authenticator app; who has one proves a second factor first, who has none signed in in the last 15 minutes
    (`fresh_sign_in_required`). It counts once its first code confirms it.
    """
    return authenticators.add(call.sign_in, body["name"], call.by, call.effect, _scope(call))


@endpoint(
    blueprint, "POST", "/me/authenticators/<authenticator_id>/confirmation",
    permission="me.write", body=FirstCodeIn, answer=AuthenticatorOut,
)  # fmt: skip
def confirm(call: Call, body: dict[str, str], authenticator_id: str) -> Authenticator:
    """Confirm an authenticator with the code that it shows, which proves it for this sign-in as well."""
    known = own_id(authenticator_id, proving.AUTHENTICATOR_ID, _scope(call))
    return authenticators.confirm(known, call.sign_in, body["code"], call.by, call.effect)


@endpoint(blueprint, "DELETE", "/me/authenticators/<authenticator_id>", permission="me.write", answer=AuthenticatorOut)
def remove(call: Call, authenticator_id: str) -> Authenticator:
    """Remove an authenticator, having proved a second factor lately; with the last one end the recovery codes."""
    known = own_id(authenticator_id, proving.AUTHENTICATOR_ID, _scope(call))
    return authenticators.remove(known, call.sign_in, call.by, call.effect)


@endpoint(blueprint, "GET", "/me/recovery-codes", permission="credentials.read", answer=RecoveryCodesOut)
def codes_left(call: Call) -> recovery.Left:
    """How many of one's own recovery codes are left."""
    return recovery.left(_scope(call))


@endpoint(
    blueprint, "POST", "/me/recovery-codes",
    permission="me.write", answer=MadeRecoveryCodesOut, status=201, secret_fields=("codes",),
)  # fmt: skip
def make_codes(call: Call) -> recovery.Made:
    """Make ten new recovery codes, having proved a second factor lately; the former ones end."""
    return recovery.make(call.sign_in, call.by, call.effect, _scope(call))


@endpoint(
    blueprint, "POST", "/me/second-factor",
    permission="me.write", body=SecondFactorIn, answer=SecondFactorOut,
    idempotent_by="a code and a challenge are good once: repeated, they are refused, and what they proved stays",
)  # fmt: skip
@blueprint.doc(responses={429: "TOO_MANY_REQUESTS"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def prove(call: Call, body: dict[str, Any]) -> proving.Proof | Refused:
    """Prove a second factor for this sign-in, and for those as staff that come from it. Wrong codes slow down."""
    if "passkey" in body:
        return using.prove(body["passkey"], call.sign_in, call.by, _scope(call), current_app.extensions[RELYING_PARTY])
    return proving.prove(call.sign_in, body["code"], call.by, _scope(call))


def _scope(call: Call) -> Scope:
    return Scope.for_person(call.person)
