"""Insurers, their members and residents: they call the application's API, and the machines are turned by hand."""

import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Flask

from app.core.calendar import local_date
from app.core.carry import carry
from app.core.ids import PublicId, new_id
from app.core.journal.record import open_chain
from app.core.journal.seal import seal
from app.core.ports import Ports, fill
from app.core.scope import Scope
from app.core.unit import Unit, database, run
from app.factory import Hearing
from app.identity.api import issue_staff_token
from app.identity.service.sign_in import enter
from app.residents.models import Resident
from tenants.api import TENANT_ID
from tenants.models import Profile, Staff
from tests.identity.phone import own_number
from tests.platform import Platform
from tests.residents.world import new_number
from tests.tenants.world import Actor

POLICY = {
    "policy_version": "2026-1", "deductible": 10_000, "rate_bp": {"visit": 7000, "medicine": 8000},
    "ceiling": 500_000, "pre_self_bp": {"A": 0, "B": 1000},
}  # fmt: skip
FROM = "2026-01-01"
NAME = "张三"


def today() -> date:
    """The local date of everybody's units."""
    return local_date(database().clock.now())


@dataclass(frozen=True)
class Insured:
    """A resident whose real name is verified, and by which number."""

    actor: Actor
    name: str
    number: str = field(repr=False)

    @property
    def scope(self) -> Scope:
        """The person's."""
        return Scope.for_person(self.actor.id)


@dataclass(frozen=True)
class Insurer:
    """An insurer with its administrator and one plan."""

    scope: Scope
    id: str
    administrator: Actor
    plan: str

    def member_body(self, who: Insured, **more: Any) -> dict[str, Any]:
        """`who` as the insurer writes a member."""
        return {
            "plan": self.plan, "member_number": f"M{secrets.token_hex(6)}", "name": who.name,
            "identity_number": who.number, "valid_from": FROM, **more,
        }  # fmt: skip

    def member(self, who: Insured, **more: Any) -> dict[str, Any]:
        """A member of the insurer's."""
        added: dict[str, Any] = self.administrator.do("POST", "/members", self.member_body(who, **more))
        return added

    def wish(self, member: dict[str, Any]) -> dict[str, Any]:
        """How a resident says that they are this member."""
        return {"insurer": self.id, "member_number": member["member_number"]}


@dataclass(frozen=True)
class World:
    """The application over the shared database."""

    app: Flask
    platform: Platform
    heard: Hearing
    ports: Ports

    def fill_ports(self) -> None:
        """Nobody outside is asked anything here."""
        fill(self.ports)

    def person(self) -> Actor:
        """Somebody who has just signed in for the first time."""
        person_id, phone = new_id(), f"+8613{secrets.randbelow(10**9):09}"
        return Actor(self.app, enter(person_id, phone, "zh-CN", "").access_token, person_id)

    def again(self, who: Insured) -> Insured:
        """A resident who signs in again, because the token has ended meanwhile."""
        token = enter(who.actor.id, own_number(who.actor.id), "zh-CN", "").access_token
        return Insured(Actor(self.app, token, who.actor.id), who.name, who.number)

    def resident(self, name: str = NAME, number: str = "") -> Insured:
        """Somebody whose real name is verified."""
        who = Insured(self.person(), name, number or new_number())
        _verify(who)
        return who

    def tenant(self, kind: str, *roles: str, state: str = "active", name: str = "安心保险") -> tuple[Scope, str, Actor]:
        """A fresh tenant of `kind`, its public id, and a member of its staff with `roles`."""
        scope, profile = Scope.for_tenant(secrets.randbelow(2**50) + 10**6), new_id()

        def work(opened: Unit) -> None:
            open_chain(opened)
            opened.add(Profile(id=profile, name=name, kind=kind, state=state, version=1, opened_at=opened.now))

        run(scope, work)
        return scope, str(PublicId(TENANT_ID, scope, profile)), self.staff(scope, *roles)

    def staff(self, scope: Scope, *roles: str) -> Actor:
        """Somebody of a tenant's staff."""
        staff_id, person_id = new_id(), new_id()

        def work(opened: Unit) -> None:
            opened.add(
                Staff(
                    id=staff_id, person_id=person_id, name="王审核", roles=list(roles), subjects=[], state="active",
                    version=1, created_at=opened.now,
                )
            )  # fmt: skip

        run(scope, work)
        return Actor(self.app, issue_staff_token(scope, staff_id, person_id), person_id)

    def insurer(self, payer_kind: str = "commercial", **policy: Any) -> Insurer:
        """A fresh insurer with one plan; `policy` replaces parts of `POLICY`."""
        scope, id, administrator = self.tenant("insurer", "tenant_administrator")
        body = {"code": "P-1", "name": "门诊保险", "payer_kind": payer_kind, "policy": {**POLICY, **policy}}
        return Insurer(scope, id, administrator, administrator.do("POST", "/plans", body)["id"])

    def covered(self, who: Insured, insurer: Insurer, **more: Any) -> PublicId:
        """The coverage that `who` has as a fresh member of `insurer`."""
        asked = who.actor.do("POST", "/me/coverages", insurer.wish(insurer.member(who, **more)))
        self.settle(who.scope, insurer.scope)
        assert who.actor.do("GET", f"/coverages/{asked['id']}")["state"] == "active"
        return PublicId.parse(asked["id"], "cov")

    def settle(self, *scopes: Scope) -> None:
        """Seal and carry for `scopes` until nothing is left to do."""
        public = self.heard.public
        while sum(seal(s, public, self.platform.sealing) + carry(s, self.heard.handlers) for s in scopes):
            pass

    def suspend(self, insurer: Insurer, state: str = "suspended") -> None:
        """Let the insurer be suspended, or go on."""

        def work(opened: Unit) -> None:
            profile = opened.first(opened.select(Profile).with_for_update())
            assert profile
            profile.state = state

        run(insurer.scope, work)


def _verify(who: Insured) -> None:
    def work(opened: Unit) -> None:
        sealed = {
            column: opened.cipher.seal(text.encode(), f"{opened.scope}/residents/{column}")
            for column, text in (("name", who.name), ("number", who.number))
        }
        opened.add(
            Resident(
                state="verified", document_kind="resident_identity_card", **sealed, number_digest="0" * 64,
                birth_date=date(1960, 1, 1), sex="male", verification_method="registry", verified_at=opened.now,
                tries_on=today(), tries=1, card_tries=0, version=1,
            )
        )  # fmt: skip

    run(who.scope, work)
