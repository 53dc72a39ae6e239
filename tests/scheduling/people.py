"""People who call the running platform: a resident, staff, a stranger, a hospital with an account at the gateway."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import run
from app.identity.api import PERSON, Role, issue_staff_token
from app.identity.service.sign_in import enter
from tenants.models import Profile
from tenants.names import TENANT_ID
from tests.described import checked
from tests.payments.gateway.partner import Sandbox
from tests.scheduling.scenes import SUBJECT, Hospital, at, new_resident, tomorrow

SECRET = "whsec_of_the_tests"
SECONDS = 20


@dataclass(frozen=True)
class Somebody:
    """Somebody with an access token, or nobody in particular."""

    url: str
    token: str = field(default="", repr=False)
    public_id: str = ""

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> requests.Response:
        """One request with a key of its own unless one is given."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given["Authorization"] = f"Bearer {self.token}"
        if method != "GET":
            given["Idempotency-Key"] = key or uuid.uuid4().hex
        whole = f"{self.url}/api/v1{path}"
        return checked(self.url, requests.request(method, whole, json=body, headers=given, timeout=SECONDS))

    def do(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer of a request that succeeds."""
        answer = self.ask(method, path, body, **headers)
        assert answer.ok, answer.text
        return answer.json()

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Status and code of a request that is refused."""
        answer = self.ask(method, path, body, **headers)
        assert not answer.ok, answer.text
        return answer.status_code, answer.json()["code"]


def resident(url: str) -> Somebody:
    """A fresh resident."""
    person = new_id()
    known = PublicId(PERSON, Scope.for_person(person), person)
    return Somebody(url, enter(person, "+8613900000000", "zh-CN", "").access_token, str(known))


def staff(url: str, hospital: Hospital, *roles: Role) -> Somebody:
    """A fresh member of the staff."""
    member = hospital.member(*roles)
    return Somebody(url, issue_staff_token(hospital.scope, member.id, new_resident()), str(member))


@dataclass(frozen=True)
class Desk:
    """A hospital's registration desk over HTTP."""

    url: str
    hospital: Hospital = field(default_factory=Hospital)
    registrar: Somebody = field(init=False)

    def __post_init__(self) -> None:
        """Hire a registrar."""
        object.__setattr__(self, "registrar", staff(self.url, self.hospital, Role.REGISTRAR))

    @property
    def tenant(self) -> str:
        """The hospital's public id."""

        def look(unit: Any) -> uuid.UUID:
            return uuid.UUID(str(unit.first(unit.select(Profile)).id))

        return str(PublicId(TENANT_ID, self.hospital.scope, run(self.hospital.scope, look)))

    def wish(self, doctor: PublicId | None = None, places: int = 20, fee: int = 5000) -> dict[str, Any]:
        """A morning's shift tomorrow with one slot."""
        day = tomorrow()
        return {
            "doctor": str(doctor or self.hospital.doctor()), "date": day.isoformat(), "half_day": "morning",
            "site": "门诊楼", "class": "specialist", "subject": SUBJECT,
            "fee_lines": [{"code": "registration", "name": "挂号费", "amount": fee}],
            "slots": [
                {"starts_at": at(day, 9).isoformat(), "ends_at": at(day, 10).isoformat(), "capacity": places},
            ],
        }  # fmt: skip

    def opens(self, **more: Any) -> dict[str, Any]:
        """A fresh shift and its slots, as the API answers."""
        opened: dict[str, Any] = self.registrar.do("POST", "/shifts", self.wish(**more))
        return opened

    def slot(self, **more: Any) -> str:
        """The one slot of a fresh shift."""
        return str(self.opens(**more)["slots"][0]["id"])

    def account(self, sandbox: Sandbox, gateway: str | None = None) -> str:
        """An account at the gateway, perhaps reached by another address, whose webhooks the platform hears."""
        key = sandbox.open_account()
        administrator = staff(self.url, self.hospital, Role.TENANT_ADMINISTRATOR)
        body = {"url": gateway or sandbox.url, "api_key": key, "webhook_secret": SECRET}
        supervisor = staff(self.url, self.hospital, Role.FINANCE_SUPERVISOR)
        proposed = administrator.do("POST", "/merchant-account-changes", body)["id"]
        supervisor.do("POST", f"/merchant-account-changes/{proposed}/confirmation")
        account = administrator.do("GET", "/merchant-accounts")["data"][0]
        hook = {"api_key": key, "url": f"{self.url}{account['webhook_path']}", "secret": SECRET}
        sandbox.post("/sandbox/webhook_endpoints", hook).raise_for_status()
        return key
