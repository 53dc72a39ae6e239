"""Changing one's own number over HTTP. A person acts as themself here, never as staff."""

from typing import Any

from flask_smorest import Blueprint

from app.core.errors import Refused
from app.core.scope import Scope
from app.edge.client import client_address
from app.edge.endpoint import Call, endpoint
from app.identity.phone_changes import service
from app.identity.phone_changes.schemas import PhoneChangeCodeIn, PhoneChangeIn
from app.identity.schemas import MeOut, SignInCodeOut
from app.identity.service.codes import CodeSent
from app.identity.service.sign_in import Me

blueprint = Blueprint("phone-changes", __name__, description="The number with which one signs in, changed")


@endpoint(
    blueprint, "POST", "/me/phone-change-codes",
    permission="me.write", body=PhoneChangeCodeIn, answer=SignInCodeOut, status=202,
    idempotent_by="repeated within a minute it is refused and sends nothing",
)  # fmt: skip
@blueprint.doc(responses={429: "TOO_MANY_REQUESTS"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def send_code(call: Call, body: dict[str, Any]) -> CodeSent:
    """Send a code for a change of one's number, to the new or to the present one, soon after signing in or proving a
    second factor. The present number named as the new one is refused (409 `phone_unchanged`): nothing is sent.
    """
    return service.send_code(Scope.for_person(call.person), call.sign_in, body["phone"], client_address())


@endpoint(
    blueprint, "POST", "/me/phone-changes",
    permission="me.write", body=PhoneChangeIn, answer=MeOut, status=201,
    idempotent_by="a code is good once: repeated, it is refused, and the number stays changed",
)  # fmt: skip
def change(call: Call, body: dict[str, Any]) -> Me | Refused:
    """Sign in with another number from now on. Both numbers prove it by code; who has lost the present one proved a
    second factor that they have had for a week (else 403 `former_number_required`). Other sign-ins end, other devices
    are not known any more.
    """
    return service.change(Scope.for_person(call.person), call.sign_in, service.Wish(**body), call.by)
