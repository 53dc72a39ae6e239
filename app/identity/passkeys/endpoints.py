"""Passkeys over HTTP. A person makes, names and removes their own as themself; whoever has one signs in with it."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.access import PUBLIC
from app.core.errors import Refused
from app.core.ids import PublicId
from app.core.relying_party import RelyingParty
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.names import PASSKEY_ID, RELYING_PARTY
from app.identity.passkeys.schemas import (
    PasskeyChallengeOut,
    PasskeyIn,
    PasskeyNameIn,
    PasskeyOut,
    PasskeyRegistrationOut,
    PasskeySignInIn,
)
from app.identity.passkeys.service import asking, owning, using
from app.identity.passkeys.service.asking import Asked
from app.identity.service.sign_in import SignedIn
from app.identity.sign_in_schemas import SignInOut

blueprint = Blueprint("passkeys", __name__, description="Passkeys, to sign in and as a second factor (WebAuthn)")


@endpoint(blueprint, "GET", "/me/passkeys", permission="credentials.read", query=PageQuery, answer=page_of(PasskeyOut))
def own(call: Call, query: dict[str, Any]) -> Page[Passkey]:
    """One's own passkeys, newest first."""
    return owning.listed(_scope(call), query)


@endpoint(
    blueprint, "POST", "/me/passkey-registrations",
    permission="me.write", answer=PasskeyRegistrationOut, status=201,
)  # fmt: skip
def register(call: Call) -> Asked:
    """Begin to make a passkey; who has a second factor proves it first, who has none signed in in the last 15 minutes
    (`fresh_sign_in_required`).
    """
    return asking.to_make(call.sign_in, call.by, call.effect, _scope(call), relying_party())


@endpoint(blueprint, "POST", "/me/passkeys", permission="me.write", body=PasskeyIn, answer=PasskeyOut, status=201)
def make(call: Call, body: dict[str, Any]) -> Passkey | Refused:
    """Keep the passkey that the browser made, which proves it for this sign-in as well."""
    credential, name = body["credential"], body["name"]
    return owning.make(credential, name, call.sign_in, call.by, call.effect, _scope(call), relying_party())


@endpoint(
    blueprint, "PUT", "/me/passkeys/<passkey_id>",
    permission="me.write", body=PasskeyNameIn, answer=PasskeyOut, if_match=True,
)  # fmt: skip
def rename(call: Call, body: dict[str, str], passkey_id: str) -> Passkey:
    """Call a passkey otherwise."""
    return owning.rename(_known(call, passkey_id), body["name"], call.if_match, call.by, call.effect)


@endpoint(blueprint, "DELETE", "/me/passkeys/<passkey_id>", permission="me.write", answer=PasskeyOut)
def remove(call: Call, passkey_id: str) -> Passkey:
    """Remove a passkey, having proved a second factor lately; with the last second factor end the recovery codes."""
    return owning.remove(_known(call, passkey_id), call.sign_in, call.by, call.effect)


@endpoint(blueprint, "POST", "/me/passkey-challenges", permission="me.write", answer=PasskeyChallengeOut, status=201)
def challenge(call: Call) -> Asked:
    """Begin to prove a second factor with a passkey of one's own; the answer goes to `POST /me/second-factor`."""
    return asking.to_prove(call.sign_in, call.by, call.effect, _scope(call), relying_party())


@endpoint(
    blueprint, "POST", "/passkey-challenges",
    permission=PUBLIC, answer=PasskeyChallengeOut, status=201,
    idempotent_by="each asks another question, and an unanswered one is forgotten",
)  # fmt: skip
def challenge_anybody(call: Call) -> Asked:
    """Begin to sign in with a passkey, without saying who one is."""
    return asking.to_sign_in(relying_party())


@endpoint(
    blueprint, "POST", "/passkey-sign-ins",
    permission=PUBLIC, body=PasskeySignInIn, answer=SignInOut, status=201,
    idempotent_by="a challenge opens one sign-in: repeated, it is refused",
)  # fmt: skip
@blueprint.doc(responses={403: "FORBIDDEN"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def sign_in(call: Call, body: dict[str, Any]) -> SignedIn | Refused:
    """Sign in with a passkey alone; it proves a second factor too."""
    return using.sign_in(body["credential"], relying_party(), call.by.request_id)


def relying_party() -> RelyingParty:
    """As whom this application asks for passkeys."""
    party: RelyingParty = current_app.extensions[RELYING_PARTY]
    return party


def _scope(call: Call) -> Scope:
    return Scope.for_person(call.person)


def _known(call: Call, passkey_id: str) -> PublicId:
    return own_id(passkey_id, PASSKEY_ID, _scope(call))
