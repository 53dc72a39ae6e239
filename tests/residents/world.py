"""The people of these tests, the registry as a running program, and numbers that nobody else has."""

import itertools
import secrets
import sys
import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import requests
from flask import Flask

from app.core.carry import carry
from app.core.ids import PublicId, new_id
from app.core.journal.models import PersonPending
from app.core.journal.record import open_chain
from app.core.journal.seal import seal
from app.core.relays import Handlers
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.api import issue_staff_token
from app.identity.service.sign_in import enter
from deploy.processes import Process, free_port
from deploy.stack import ROOT
from tenants.api import TENANT_ID
from tenants.models import Profile, Staff
from tests.identity.phone import own_number
from tests.platform import Platform
from tests.tenants.world import Actor

KEY = "key_of_the_tests"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_sequence = itertools.count(secrets.randbelow(10**6))
_banks = itertools.count(secrets.randbelow(10**9))


def checked(body: str) -> str:
    """17 digits with the check character that belongs to them."""
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def new_number(born: date | None = None, *, male: bool = False) -> str:
    """The number of an identity card that no other test has."""
    drawn = next(_sequence)
    day = born or date(1950, 1, 1) + timedelta(days=drawn % 20000)
    sequence = (drawn // 20000 * 2 + male) % 1000
    return checked(f"{110101 + drawn % 7}{day:%Y%m%d}{sequence:03}")


def new_bank_card() -> str:
    """The number of a bank card that no other test has."""
    body = f"62{next(_banks) % 10**13:013}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return f"{body}{-sum(sum(divmod(value, 10)) for value in doubled) % 10}"


@dataclass
class RegistryProgram(AbstractContextManager["RegistryProgram"]):
    """The sandbox registry."""

    log: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> int:
        """How often it was asked."""
        return int(requests.get(f"{self.url}/sandbox/asked", timeout=10).json()["asked"])

    def faults(self, **wish: int) -> None:
        """Set the dial; without arguments everything works."""
        assert requests.post(f"{self.url}/sandbox/faults", json=wish, timeout=10).ok

    def __enter__(self) -> "RegistryProgram":
        command = [sys.executable, "-m", "deploy.sandbox.registry", "--port", str(self.port), "--api-key", KEY]
        self._process = Process.start("registry", command, {"PYTHONPATH": str(ROOT)}, self.log)
        self._process.wait_until(lambda: self._process.says("listening"))
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.stop()


@dataclass(frozen=True)
class Team:
    """A family-doctor team, or another kind of tenant, with somebody of its staff."""

    scope: Scope
    id: str
    doctor: Actor


@dataclass(frozen=True)
class World:
    """The application over the shared database."""

    app: Flask
    platform: Platform
    handlers: Handlers

    def person(self) -> Actor:
        """Somebody who has just signed in for the first time."""
        person_id, phone = new_id(), f"+8613{secrets.randbelow(10**9):09}"
        return Actor(self.app, enter(person_id, phone, "zh-CN", "").access_token, person_id)

    def again(self, person: Actor) -> Actor:
        """Somebody who signs in again, because the token has ended meanwhile."""
        return Actor(self.app, enter(person.id, own_number(person.id), "zh-CN", "").access_token, person.id)

    def resident(self, name: str = "张三", number: str = "") -> Actor:
        """Somebody whose real name is verified."""
        person = self.person()
        person.do("POST", "/me/resident/verification", {"name": name, "number": number or new_number()})
        return person

    def team(
        self, kind: str = "family_doctor_team", roles: tuple[str, ...] = ("doctor",), state: str = "active"
    ) -> Team:
        """A fresh tenant of `kind`, and a member of its staff with `roles`."""
        scope, profile_id = Scope.for_tenant(secrets.randbelow(2**50) + 10**6), new_id()

        def work(opened: Unit) -> None:
            open_chain(opened)
            opened.add(
                Profile(
                    id=profile_id, name="春风家医团队", kind=kind, state=state, version=1, opened_at=opened.now
                )
            )  # fmt: skip

        run(scope, work)
        return Team(scope, str(PublicId(TENANT_ID, scope, profile_id)), self.member(scope, *roles))

    def member(self, scope: Scope, *roles: str) -> Actor:
        """Another member of that tenant's staff."""
        staff_id, person_id = new_id(), new_id()

        def work(opened: Unit) -> None:
            opened.add(
                Staff(
                    id=staff_id, person_id=person_id, name="陈医生", roles=list(roles), subjects=["02"],
                    registration_number="D-1", registration_until=date(2099, 12, 31), state="active", version=1,
                    created_at=opened.now,
                )
            )  # fmt: skip

        run(scope, work)
        return Actor(self.app, issue_staff_token(scope, staff_id, person_id), person_id)

    def settle(self, *scopes: Scope) -> None:
        """Seal and carry for `scopes` until nothing is left to do."""
        public = frozenset[str]()
        while sum(seal(s, public, self.platform.sealing) + carry(s, self.handlers) for s in scopes):
            pass

    def entries(self, person: uuid.UUID, *types: str) -> list[tuple[str, int, dict[str, Any]]]:
        """What waits in a person's journal, perhaps only of some types: type, version of the subject, facts."""
        query = (
            f"SELECT type, subject_version, facts FROM {PersonPending.__tablename__} WHERE person_id = %s ORDER BY id"  # noqa: S608  # a constant
        )
        with self.platform.connection() as connection:
            found = connection.execute(query.encode(), [person]).fetchall()
        return [row for row in found if not types or row[0] in types]
