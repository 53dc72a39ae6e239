"""Owners of accounts, who sign in over the application's API with whatever they have, on devices of theirs."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from flask import Flask
from werkzeug.test import TestResponse

from app.core.calendar import local_date
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import SYSTEM, database
from app.identity.service.codes import make_challenge
from app.residents.rules.documents import DocumentKind, Stated, read_claim
from app.residents.service.verification import begin, confirm
from tests.identity.conftest import Clock
from tests.residents.world import new_number
from tests.tenants.world import Actor

Sent = list[tuple[str, str]]
"""Messages to phones: the text of each, and its language."""
NAME = "张 三"
PASSWORD = "正确的马电池订书钉 2026"


@dataclass
class Stopped(Clock):
    """A clock that stands still until it is put forward: codes and pauses do not depend on how fast the machine is."""

    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        """When it was made, so much ahead."""
        return self.began + self.ahead


@dataclass
class Owner:
    """Somebody with a phone, and a device that keeps what it is given."""

    app: Flask
    clock: Clock
    phone: str = field(default_factory=lambda: f"+8613{secrets.randbelow(10**9):09}")
    device_token: str | None = None
    token: str = field(default="", repr=False)
    number: str = field(default_factory=new_number)
    authenticator: pyotp.TOTP | None = None

    @property
    def scope(self) -> Scope:
        return PublicId.parse(self.me.do("GET", "/me")["id"], "per").scope

    @property
    def me(self) -> Actor:
        """As they are signed in."""
        return Actor(self.app, self.token)

    @property
    def identity(self) -> dict[str, str]:
        """What proves who they are."""
        return {"name": NAME, "number_end": self.number[-6:]}

    def code(self) -> str:
        """A fresh code on the phone."""
        self.clock.forward(seconds=61)
        return make_challenge(self.phone).code

    def otp(self) -> str:
        """The next code of their authenticator."""
        assert self.authenticator
        self.clock.forward(minutes=1)
        return str(self.authenticator.at(self.clock.now()))

    def ask(self, **shown: Any) -> TestResponse:
        """Ask to be signed in, from their device."""
        body = {"phone": self.phone, **({"device_token": self.device_token} if self.device_token else {}), **shown}
        with self.app.test_client() as web:
            return web.post("/api/v1/sign-ins", json=body)

    def refused(self, **shown: Any) -> str:
        """The code of a sign-in that is refused."""
        answer = self.ask(**shown)
        assert answer.status_code in (403, 429) and answer.json, answer.text
        return str(answer.json["code"])

    def sign_in(self, **shown: Any) -> "Owner":
        """Signed in, by a code unless something else is shown."""
        answer = self.ask(**(shown or {"code": self.code()}))
        assert answer.status_code == 201 and answer.json, answer.text
        self.token, self.device_token = answer.json["access_token"], answer.json["device_token"] or self.device_token
        return self

    def elsewhere(self) -> "Owner":
        """The same person at a device that is not known, or somebody else who has their number now."""
        return replace(self, device_token=None, token="")

    def verify(self) -> "Owner":
        """Their real name is verified."""
        stated = Stated(NAME, DocumentKind.RESIDENT_IDENTITY_CARD, self.number, None, None)
        claim = read_claim(stated, local_date(database().clock.now()))
        begin(self.scope, claim, SYSTEM)
        confirm(self.scope, claim, SYSTEM)
        return self

    def set_password(self, password: str = PASSWORD) -> "Owner":
        """They have a password."""
        self.me.do("PUT", "/me/password", {"password": password})
        return self

    def enrol(self) -> "Owner":
        """They have an authenticator."""
        added = self.me.do("POST", "/me/authenticators", {"name": "手机"})
        self.authenticator = pyotp.TOTP(added["secret"])
        path = f"/me/authenticators/{added['authenticator']['id']}/confirmation"
        self.me.do("POST", path, {"code": str(self.authenticator.at(self.clock.now()))})
        return self

    def kinds(self) -> list[str]:
        """Of what they were told, oldest first."""
        return [one["kind"] for one in reversed(self.me.do("GET", "/me/security-notices?limit=100")["data"])]


def later(clock: Clock, **time: float) -> None:
    """Let time pass, and a second more."""
    clock.forward(**time)
    clock.ahead += timedelta(seconds=1)
