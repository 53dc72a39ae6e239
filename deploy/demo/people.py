"""The people of the demonstration. Each signs in as themselves and has nothing but a phone and HTTP."""

import itertools
import re
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

from deploy.demo.proving import Proving
from deploy.demo.steps import expect, until

SECONDS = 15
CODE = re.compile(r"\b[0-9]{6}\b")


class Numbers:
    """Phone numbers that nobody in this run has (never dialed: the SMS gateway is a sandbox)."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin anywhere: each process has numbers of its own."""
        self._left = itertools.count(secrets.randbelow(10**7) * 100)

    def new(self) -> str:
        """One that was not given yet."""
        return f"+86139{next(self._left) % 10**8:08d}"


PHONES = Numbers()


@dataclass
class World:
    """Where everything listens."""

    platform: str
    sms: str


@dataclass
class Person:
    """Somebody with a phone; `token` is what they signed in with last."""

    world: World
    name: str
    phone: str = field(default_factory=PHONES.new)
    token: str = field(default="", repr=False)
    session: requests.Session = field(default_factory=requests.Session, repr=False)
    device_token: str = field(default="", repr=False)
    """What their phone was given when they signed in on it first."""
    proving: Proving | None = field(default=None, repr=False)
    """Their authenticator app, and the sign-in that it proves; staff has one."""

    def __post_init__(self) -> None:
        """Keep the environment's proxies out of it."""
        self.session.trust_env = False

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """One request as this person; effects carry a fresh key unless one is given. Who is asked for their second
        factor proves it and asks again.
        """
        sent = {"Idempotency-Key": str(uuid.uuid4()), **{k.replace("_", "-"): v for k, v in headers.items()}}
        answer = self._send(method, path, body, sent)
        if self.proving and self.proving.asked_for(answer):
            self.proving.prove(self.session)
            answer = self._send(method, path, body, sent)
        return answer

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> requests.Response:
        sent = dict(headers)
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        url = f"{self.world.platform}/api/v1{path}"
        return self.session.request(method, url, json=body, headers=sent, timeout=SECONDS)

    def upload(self, path: str, content: bytes, media_type: str) -> requests.Response:
        """Send a file as it is."""
        sent = {
            "Idempotency-Key": str(uuid.uuid4()), "Authorization": f"Bearer {self.token}", "Content-Type": media_type,
        }  # fmt: skip
        return self.session.post(f"{self.world.platform}/api/v1{path}", content, headers=sent, timeout=SECONDS)

    def do(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer of a request that must succeed."""
        answer = self.ask(method, path, body, **headers)
        expect(answer.ok, f"{self.name}: {method} {path} answered {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def refused(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> str:
        """The stable code of a request that must be refused with `status`."""
        answer = self.ask(method, path, body, **headers)
        expect(answer.status_code == status, f"{method} {path} answered {answer.status_code}, not {status}")
        return str(answer.json()["code"])

    def sign_in(self) -> None:
        """Ask for a code, read it on the phone, sign in with it."""
        self.token = ""
        self.do("POST", "/sign-in-codes", {"phone": self.phone})
        body = {"phone": self.phone, "code": self.code(), "device_name": f"phone of {self.name}"[:40]}
        if self.device_token:
            body["device_token"] = self.device_token
        signed_in = self.do("POST", "/sign-ins", body)
        self.token, self.device_token = signed_in["access_token"], signed_in["device_token"] or self.device_token

    def enrol(self) -> None:
        """Add an authenticator app, which proves the present sign-in with its first code."""
        added = self.do("POST", "/me/authenticators", {"name": "app"})
        self.proving = Proving(f"{self.world.platform}/api/v1/me", self.token, added["secret"])
        path = f"/me/authenticators/{added['authenticator']['id']}/confirmation"
        self.do("POST", path, {"code": self.proving.next_code()})

    def code(self) -> str:
        """The code in the newest message on the phone."""

        def look() -> str | None:
            inbox = self.session.get(f"{self.world.sms}/sandbox/messages", params={"to": self.phone}, timeout=SECONDS)
            codes = (one["text"] for one in inbox.json()["messages"] if one["template"] == "sign_in_code")
            found = CODE.search(next(codes, ""))
            return found[0] if found else None

        return until(look, "the message with the code")

    def act_for(self, staff_id: str) -> "Person":
        """The same person, acting as that member of a staff, with an authenticator app as staff has."""
        if self.proving is None:
            self.enrol()
        path = f"/me/affiliations/{staff_id}/tokens"
        token = self.do("POST", path)["access_token"]
        return Person(self.world, self.name, self.phone, token, proving=self.proving)

    def affiliation(self, tenant_name: str) -> dict[str, Any]:
        """What the person is in the tenant of that name, as soon as they were told."""

        def look() -> dict[str, Any] | None:
            known = self.do("GET", "/me/affiliations")["data"]
            return next((one for one in known if one["tenant_name"] == tenant_name), None)

        return until(look, f"the affiliation with {tenant_name}")
