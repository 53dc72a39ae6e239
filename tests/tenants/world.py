"""The people of these tests: they call the application's API, and the worker's machines are turned by hand."""

import itertools
import secrets
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Barrier
from typing import Any, TypeVar

from flask import Flask
from werkzeug.test import TestResponse

from app.core.carry import carry
from app.core.ids import PublicId, new_id
from app.core.journal.models import Entry
from app.core.journal.seal import seal
from app.core.ports import Ports
from app.core.relays import Relay, RelayState
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.factory import Hearing
from app.identity.credentials import Bearer
from app.identity.factors.proving import noted
from app.identity.factors.rules import OTP
from app.identity.service.sign_in import enter
from tenants.names import PLATFORM, TENANT_ID
from tests.days import today
from tests.identity.phone import own_number
from tests.platform import Platform

Result = TypeVar("Result")
PAPERS = {
    "hospital": ["medical_institution_license", "internet_hospital_license", "mlps_level_3"],
    "clinic": ["clinic_filing"],
    "family_doctor_team": ["clinic_filing"],
    "pharmacy": ["drug_supply_license", "online_sale_report"],
    "insurer": ["insurer_license"],
}
SUBJECTS = ["03", "04"]
_numbers = itertools.count(1)


def paper(kind: str, until: date | None = None, **more: Any) -> dict[str, Any]:
    """A paper as an applicant writes it, valid for a good year where nothing else is said."""
    subjects = SUBJECTS if kind in ("medical_institution_license", "clinic_filing") else []
    return {
        "kind": kind, "number": f"N-{next(_numbers)}", "issuer": "卫健委", "subjects": subjects,
        "valid_until": (until or today() + timedelta(days=400)).isoformat(), **more,
    }  # fmt: skip


def member(name: str = "李四", roles: Sequence[str] = ("tenant_administrator",), **more: Any) -> dict[str, Any]:
    """A member of the staff as an administrator writes it."""
    return {"name": name, "roles": list(roles), **more}


def doctor(**more: Any) -> dict[str, Any]:
    """A registered doctor."""
    return {
        "name": "陈医生", "roles": ["doctor"], "registration_number": "D-1", "registration_until": "2099-12-31",
        "subjects": ["03"], **more,
    }  # fmt: skip


def at_once(*calls: Callable[[], Result]) -> list[Result]:
    """What the calls return, all of them begun at the same moment in threads of their own."""
    start = Barrier(len(calls))

    def one(call: Callable[[], Result]) -> Result:
        start.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(one, calls))


@dataclass(frozen=True)
class Actor:
    """Somebody with an access token."""

    app: Flask
    token: str = field(repr=False)
    id: uuid.UUID = field(default_factory=new_id)
    """The person's."""

    def ask(self, method: str, path: str, json: Any = None, **headers: str) -> TestResponse:
        """One request with a fresh key, unless headers give another."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid.uuid4().hex, **named}
        with self.app.test_client() as web:
            return web.open(f"/api/v1{path}", method=method, json=json, headers=sent)

    def do(self, method: str, path: str, json: Any = None, **headers: str) -> Any:
        """The answer of a request that succeeds."""
        answer = self.ask(method, path, json, **headers)
        assert answer.status_code < 300, (answer.status_code, answer.text)
        return answer.json

    def refused(self, status: int, method: str, path: str, json: Any = None, **headers: str) -> str:
        """The code of a request that is refused with `status`."""
        answer = self.ask(method, path, json, **headers)
        assert answer.status_code == status, (answer.status_code, answer.text)
        assert answer.json
        return str(answer.json["code"])

    def rules(self, method: str, path: str, json: Any = None, **headers: str) -> set[tuple[str, str]]:
        """Pointer and rule of each fault of a request that is refused with 422."""
        answer = self.ask(method, path, json, **headers)
        assert answer.status_code == 422, (answer.status_code, answer.text)
        assert answer.json
        return {(fault["pointer"], fault["rule"]) for fault in answer.json["errors"]}


@dataclass(frozen=True)
class Tenant:
    """An open tenant, its administrator, and the person who that is."""

    scope: Scope
    id: str
    name: str
    person: Actor
    administrator: Actor
    administrator_id: str


@dataclass
class World:
    """The application over the shared database."""

    app: Flask
    platform: Platform
    heard: Hearing
    ports: Ports
    operator: Actor = field(init=False)
    operator_member: str = field(init=False)
    second: Actor = field(init=False)
    """Another operator, who confirms what the first one proposed."""
    second_member: str = field(init=False)

    def decide(self, path: str, json: Any = None) -> dict[str, Any]:
        """What one operator proposes there and the other confirms; the confirmed proposal."""
        proposed = self.operator.do("POST", path, json)["id"]
        confirmed: dict[str, Any] = self.second.do("POST", f"/proposals/{proposed}/confirmation")["proposal"]
        return confirmed

    def approve(self, application: dict[str, Any]) -> dict[str, Any]:
        """The application as it stands once two operators have approved it."""
        path = f"/organization-applications/{application['id']}"
        self.decide(f"{path}/approval")
        approved: dict[str, Any] = self.operator.do("GET", path)
        return approved

    def person(self) -> Actor:
        """Somebody who has just signed in for the first time."""
        phone = f"+8613{secrets.randbelow(10**9):09}"
        person_id = new_id()
        return Actor(self.app, enter(person_id, phone, "zh-CN", "").access_token, person_id)

    def again(self, person: "Actor") -> "Actor":
        """A person who signs in again, because the token has ended meanwhile."""
        return Actor(self.app, enter(person.id, own_number(person.id), "zh-CN", "").access_token, person.id)

    def stranger(self) -> Actor:
        """Somebody whose token nobody gave; what is public they may read all the same."""
        return Actor(self.app, "none")

    def settle(self, *scopes: Scope) -> None:
        """Seal and carry for `scopes` and the platform until nothing is left to do."""
        known = (PLATFORM, *scopes)
        while sum(self.seal(scope) + carry(scope, self.heard.handlers) for scope in known):
            pass

    def seal(self, scope: Scope) -> int:
        """Seal what waits in `scope`."""
        return seal(scope, self.heard.public, self.platform.sealing)

    def relay(self, giver: Scope, type: str, taker: Scope) -> uuid.UUID:
        """The last relay of `type` from one tenant to another."""
        with unit(giver) as reading:
            sent = reading.select(Relay).where(Relay.type == type, Relay.taker == str(taker))
            found = reading.first(sent.order_by(Relay.seq.desc()))
        assert found
        return found.id

    def send_again(self, giver: Scope, relay_id: uuid.UUID) -> None:
        """Forget that a relay was acknowledged, as after a cut between the taker's commit and the giver's."""

        def forget(opened: Unit) -> None:
            relay = opened.get(Relay, relay_id, lock=True)
            assert relay
            relay.state, relay.due_at, relay.acknowledged_at = RelayState.PENDING, opened.now, None

        run(giver, forget)

    def all(self, by: "Actor", path: str) -> list[dict[str, Any]]:
        """Every row of a list, page by page."""
        first = f"{path}{'&' if '?' in path else '?'}limit=100"
        page = by.do("GET", first)
        rows = list(page["data"])
        while page["next_cursor"]:
            page = by.do("GET", f"{first}&cursor={page['next_cursor']}")
            rows += page["data"]
        return rows

    def apply(self, applicant: Actor, kind: str, name: str = "", **more: Any) -> dict[str, Any]:
        """An application with all the papers of its kind."""
        documents = [paper(document) for document in PAPERS[kind]]
        body = {"name": name or f"机构{next(_numbers)}", "kind": kind, "documents": documents, **more}
        application: dict[str, Any] = applicant.do("POST", "/organization-applications", body)
        return application

    def open(self, kind: str, **more: Any) -> Tenant:
        """A tenant from its application to its administrator acting for it."""
        person = self.person()
        application = self.apply(person, kind, **more)
        approved = self.approve(application)
        scope = PublicId.parse(approved["tenant"], TENANT_ID).scope
        self.settle(scope)
        affiliation = person.do("GET", "/me/affiliations")["data"][0]
        return Tenant(
            scope, approved["tenant"], application["name"], person, self.act(person, affiliation["id"]),
            affiliation["id"],
        )  # fmt: skip

    def act(self, person: Actor, member_id: str) -> Actor:
        """`person` acting as a member of a staff."""
        prove(person)
        token = person.do("POST", f"/me/affiliations/{member_id}/tokens")["access_token"]
        return Actor(self.app, token, person.id)

    def join(self, tenant: Tenant, wanted: dict[str, Any], person: Actor | None = None) -> tuple[Actor, str]:
        """A person who was invited as `wanted` and joined, and their member id."""
        joining = person or self.person()
        token = tenant.administrator.do("POST", "/staff", wanted)["token"]
        joined = joining.do("POST", "/staff-invitations/acceptance", {"token": token})["id"]
        return joining, joined

    def client(self, tenant: Tenant, *permissions: str) -> Actor:
        """A system of the tenant."""
        made = tenant.administrator.do("POST", "/api-clients", {"name": "system", "permissions": list(permissions)})
        return Actor(self.app, self.client_token(made["client"]["id"], made["client_secret"]))

    def client_token(self, client_id: str, secret: str) -> str:
        """An access token for a client."""
        with self.app.test_client() as web:
            answer = web.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret))
        assert answer.json, answer.text
        return str(answer.json["access_token"])


def prove(person: Actor) -> None:
    """Note that the person's sign-in has just proved a second factor, as with a code of their authenticator."""
    bearer = Bearer.parse(person.token)
    assert bearer
    run(bearer.scope, lambda opened: noted(opened, bearer.id, OTP))


def recorded(scope: Scope) -> list[str]:
    """The types of everything that the journal of a tenant holds, sealed; raises where something waits."""
    mine = scope.require_tenant()
    with unit(scope) as reading:
        query = reading.select(Entry).where(Entry.tenant_id == mine).order_by(Entry.seq)
        return [entry.type for entry in reading.all(query)]
