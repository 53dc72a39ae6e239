"""One's own password over HTTP. A person acts as themself here, never as staff."""

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.identity.passwords import service
from app.identity.passwords.schemas import PasswordIn, PasswordOut

blueprint = Blueprint("passwords", __name__, description="A password, for who wants one beside the phone")


@endpoint(blueprint, "GET", "/me/password", permission="credentials.read", answer=PasswordOut)
def read(call: Call) -> service.Shown:
    """Whether one has a password, and since when."""
    return service.shown(Scope.for_person(call.person))


@endpoint(blueprint, "PUT", "/me/password", permission="me.write", body=PasswordIn, answer=PasswordOut)
def change(call: Call, body: dict[str, str]) -> service.Shown:
    """Set or change one's password, soon after signing in or proving a second factor; a change ends other sign-ins."""
    return service.change(call.sign_in, body["password"], call.by, call.effect, Scope.for_person(call.person))


@endpoint(blueprint, "DELETE", "/me/password", permission="me.write", answer=PasswordOut)
def remove(call: Call) -> service.Shown:
    """Remove one's password, soon after signing in or proving a second factor."""
    return service.remove(call.sign_in, call.by, call.effect, Scope.for_person(call.person))
