"""One's own devices over HTTP."""

from typing import Any

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.identity.devices import service
from app.identity.devices.rules import DEVICE_ID
from app.identity.devices.schemas import DeviceOut

blueprint = Blueprint("devices", __name__, description="Devices on which one has signed in")


@endpoint(blueprint, "GET", "/me/devices", permission="credentials.read", query=PageQuery, answer=page_of(DeviceOut))
def own(call: Call, query: dict[str, Any]) -> Page[service.Shown]:
    """The devices on which one has signed in within 90 days, newest first."""
    return service.listed(Scope.for_person(call.person), call.principal.sign_in, query)


@endpoint(blueprint, "DELETE", "/me/devices/<device_id>", permission="me.write", answer=DeviceOut)
def forget(call: Call, device_id: str) -> service.Shown:
    """Sign out there: every sign-in on the device ends at once, and the next one there is one on a new device."""
    known = own_id(device_id, DEVICE_ID, Scope.for_person(call.person))
    return service.forget(known, call.principal.sign_in, call.by, call.effect)
