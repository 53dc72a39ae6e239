"""Signing in and out, and who one is."""

from typing import Any

from flask import request
from flask_smorest import Blueprint

from app.core.access import PUBLIC
from app.core.errors import Refused
from app.core.scope import Scope
from app.edge.client import client_address, preferred_language
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.identity import queries
from app.identity.credentials import TOKEN
from app.identity.devices.service import Place
from app.identity.rules import StatedIdentity
from app.identity.schemas import LOCALES, MeIn, MeOut, OwnSignInOut, SignInCodeIn, SignInCodeOut, SignOutOut
from app.identity.service import codes, languages, sign_in, sign_in_ways, sign_ins, tokens
from app.identity.sign_in_schemas import SignInIn, SignInOut

blueprint = Blueprint("sign-in", __name__, description="People sign in with a code that is sent to their phone")


@endpoint(
    blueprint,
    "POST",
    "/sign-in-codes",
    permission=PUBLIC,
    idempotent_by="repeated within a minute it is refused and sends nothing",
    body=SignInCodeIn,
    answer=SignInCodeOut,
    status=202,
)
@blueprint.doc(responses={429: "TOO_MANY_REQUESTS"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def send_code(call: Call, body: dict[str, Any]) -> codes.CodeSent:
    """Send a one-time code to a phone number, whoever has it; the former code ends.

    The message is in the language that whoever signs in with the number has chosen, else in the one asked for.
    """
    locale = body["locale"] or preferred_language(LOCALES)
    return codes.send_code(body["phone"], client_address(), body["device_token"], locale=locale)


@endpoint(
    blueprint,
    "POST",
    "/sign-ins",
    permission=PUBLIC,
    idempotent_by="a code opens one sign-in: repeated, it is refused; a password is a sign-in of its own each time",
    body=SignInIn,
    answer=SignInOut,
    status=201,
)
@blueprint.doc(responses={403: "FORBIDDEN"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def create(call: Call, body: dict[str, Any]) -> sign_in.SignedIn | Refused:
    """Exchange a code or a password for an access token; who has no account yet gets one, by code.

    On a device that is not known (any more), an account with a verified name, a password or an authenticator asks for
    a second proof beside the code (`second_proof_required`; the code stays good): the password, a second factor, or
    `identity`. A password alone is taken on a known device; with `second_factor` on any.
    """
    stated = StatedIdentity(**body["identity"]) if body["identity"] else None
    proofs = sign_in_ways.Proofs(body["code"], body["password"], body["second_factor"], stated)
    tokens = (body["device_token"],) if body["device_token"] else ()
    locale = body["locale"] or preferred_language(LOCALES)
    asked = sign_in_ways.Asked(body["phone"], proofs, Place(tokens, body["device_name"]), locale)
    return sign_in_ways.sign_in(asked, call.by.request_id)


@endpoint(
    blueprint,
    "DELETE",
    "/sign-ins/current",
    permission="sign_ins.end",
    idempotent_by="a token that has ended is not accepted again",
    answer=SignOutOut,
)
def end(call: Call) -> tokens.SignedOut:
    """Sign out: the access token that this request bears ends at once."""
    bearer = request.authorization
    return tokens.sign_out(bearer.token or "" if bearer else "", call.by)


@endpoint(blueprint, "GET", "/me", permission="me.read", answer=MeOut)
def read_me(call: Call) -> sign_in.Me:
    """Read one's own account; who acts for the person does not read with which number that one signs in."""
    return sign_in.read_me(call.principal.scope, alone=not call.by.behalf)


@endpoint(blueprint, "PUT", "/me", permission="me.write", body=MeIn, answer=MeOut, if_match=True)
def change_me(call: Call, body: dict[str, str]) -> sign_in.Me:
    """Choose the language in which one is written to: codes and notices."""
    return languages.choose(Scope.for_person(call.person), body["locale"], call.if_match, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/me/sign-ins", permission="credentials.read", query=PageQuery, answer=page_of(OwnSignInOut)
)
def own(call: Call, query: dict[str, Any]) -> Page[sign_ins.SignIn]:
    """One's own sign-ins of the last days, as oneself and as staff, newest first."""
    return queries.sign_ins(Scope.for_person(call.person), call.principal.sign_in, query)


@endpoint(blueprint, "POST", "/me/sign-ins/<sign_in_id>/ending", permission="me.write", answer=OwnSignInOut)
def end_own(call: Call, sign_in_id: str) -> sign_ins.SignIn:
    """End a sign-in at once, and those as staff that came from it."""
    known = own_id(sign_in_id, TOKEN, Scope.for_person(call.person))
    return sign_ins.end(known, call.principal.sign_in, call.by, call.effect)
