"""Signing in and out, and who one is."""

from flask import request
from flask_smorest import Blueprint

from app.core.access import PUBLIC
from app.core.errors import Refused
from app.edge.endpoint import Call, endpoint
from app.identity.schemas import MeOut, SignInCodeIn, SignInCodeOut, SignInIn, SignInOut, SignOutOut
from app.identity.service import codes, sign_in, tokens

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
def send_code(call: Call, body: dict[str, str]) -> codes.CodeSent:
    """Send a one-time code to a phone number, whoever has it; the former code ends."""
    return codes.send_code(body["phone"])


@endpoint(
    blueprint,
    "POST",
    "/sign-ins",
    permission=PUBLIC,
    idempotent_by="a code opens one sign-in: repeated, it is refused",
    body=SignInIn,
    answer=SignInOut,
    status=201,
)
@blueprint.doc(responses={403: "FORBIDDEN"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def create(call: Call, body: dict[str, str]) -> sign_in.SignedIn | Refused:
    """Exchange the code for an access token; who has no account yet gets one."""
    return sign_in.sign_in(body["phone"], body["code"], body["locale"], call.by.request_id)


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
    """Read one's own account."""
    return sign_in.read_me(call.principal.scope)
