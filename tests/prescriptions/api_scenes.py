"""A resident with a ready prescription who calls the API, and everybody whom it meets."""

import secrets
from dataclasses import dataclass, field

from flask import Flask

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Caller, run
from app.identity.api import CLIENT, issue_staff_token, register_client
from app.identity.service.clients import find_client
from app.identity.service.sign_in import enter
from app.identity.service.tokens import issue_client_token
from prescriptions.ids import prescription_public_id
from prescriptions.models import Prescription
from tests.prescriptions.routing_scenes import Town
from tests.scheduling.scenes import new_resident
from tests.tenants.world import Actor


@dataclass
class Scene:
    """A resident with a ready prescription, and everybody whom it meets."""

    app: Flask
    town: Town
    resident: Actor = field(init=False)
    prescription: Prescription = field(init=False)

    def __post_init__(self) -> None:
        """Let the resident sign in."""
        person = new_id()
        phone = f"+8613{secrets.randbelow(10**9):09}"
        self.resident = Actor(self.app, enter(person, phone, "zh-CN", "").access_token, person)
        self.prescription = self.town.ward.ready(person)

    @property
    def path(self) -> str:
        """The prescription's."""
        return f"/prescriptions/{prescription_public_id(self.prescription)}"

    @property
    def order(self) -> str:
        """The order's path."""
        return f"/routing-orders/{self.town.shop.known}"

    def staff(self, known: PublicId) -> Actor:
        """A member of a staff, signed in."""
        return Actor(self.app, issue_staff_token(known.scope, known.id, new_resident()))

    def system(self, scope: Scope, *permissions: str) -> Actor:
        """A system of a tenant."""
        row, _ = run(scope, lambda opened: register_client(opened, "system", list(permissions)), Caller("system:test"))
        client = find_client(str(PublicId(CLIENT, scope, row.id)))
        assert client
        return Actor(self.app, issue_client_token(client, list(permissions)))

    def offered(self) -> None:
        """Quotes asked, the pharmacy chosen, the order there."""
        asked = self.resident.do("POST", f"{self.path}/quotes", {"pharmacies": [str(self.town.shop.id)]})
        self.resident.do("POST", f"{self.path}/routing", {"choices": [asked["data"][0]["id"]]})
        self.town.settle(Scope.for_person(self.resident.id))
