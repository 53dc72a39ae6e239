"""The number with which an owner signs in, changed: the new one first, then the codes that were sent."""

from flask import Response, request

from app.core.errors import Problem, Refused
from app.edge.client import client_address
from app.identity.account.endpoints.entrance import Owner, hang, room
from app.identity.account.endpoints.reading import read
from app.identity.passkeys.rules import masked
from app.identity.phone_changes import service
from app.identity.phone_changes.schemas import PhoneChangeCodeIn, PhoneChangeIn
from app.identity.service.sign_in import read_me

LOST = "lost"


def _phone(owner: Owner, problem: Problem | None) -> Response:
    """After a wrong code the step of the codes again: those that were right may still be good."""
    present = read_me(owner.scope).phone
    typed = {name: request.form.get(name, "") for name in ("phone", "lost")}
    return room(
        "phone.html", owner, problem, present=masked(present) if present else None, typed=typed,
        has_codes=request.form.get("do") == "change",
    )  # fmt: skip


def _send(owner: Owner) -> Response:
    """Codes to the present number, unless it is lost, and to the new one; then the page that asks for them.

    The present one is first: where it has to wait for its next code, nothing was sent to the new one in vain.
    """
    phone, lost = read(PhoneChangeCodeIn, "phone")["phone"], request.form.get("lost", "")
    address = client_address()
    present = read_me(owner.scope).phone
    service.refuse_present(phone, present)
    if present and not lost:
        service.send_code(owner.scope, owner.sign_in, None, address)
    service.send_code(owner.scope, owner.sign_in, phone, address)
    return room(
        "phone.html", owner, None, present=masked(present) if present else None, has_codes=True,
        typed={"phone": phone, "lost": lost if present else LOST},
    )  # fmt: skip


def _change(owner: Owner) -> Response | Refused | None:
    asked = ("phone", "code") if request.form.get("lost") else ("phone", "code", "former_code")
    changed = service.change(owner.scope, owner.sign_in, service.Wish(**read(PhoneChangeIn, *asked)), owner.by)
    return changed if isinstance(changed, Refused) else None


hang("phone", _phone, {"send": _send, "change": _change})
