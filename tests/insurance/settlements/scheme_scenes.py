"""Residents whom the public scheme insures, and a supply or visit of theirs on its way through it."""

from dataclasses import dataclass, field
from typing import Any

from app.core.ids import PublicId
from deploy.demo.partners import Scheme
from tests.insurance.scenes import Insured, Insurer, World
from tests.insurance.settlements.settlement_scenes import TOTAL, Pharmacy, asked, confirmed
from tests.platform import new_tenant

FUND, ACCOUNT = 8800, 4000
CASH = TOTAL - FUND - ACCOUNT
"""The worked split of the reference: deductible 100 yuan, 80 %, 40 yuan on the account."""


@dataclass(frozen=True)
class SchemeMember:
    """A resident with a coverage by the scheme, and their number there."""

    who: Insured
    coverage: PublicId
    number: str
    scheme: Scheme = field(repr=False)

    def credential(self) -> str:
        """What they show once."""
        return self.scheme.credential(self.number)

    def used(self) -> dict[str, Any]:
        """What the scheme has of them."""
        return self.scheme.used(self.number)


def scheme_member(world: World, scheme: Scheme, insurer: Insurer, **settings: Any) -> SchemeMember:
    """Somebody whom the scheme knows."""
    who = world.resident()
    member = insurer.member(who)
    wanted = who.actor.do("POST", "/me/coverages", insurer.wish(member))
    world.settle(who.scope, insurer.scope)
    scheme.enrol(member["member_number"], who.name, **settings)
    return SchemeMember(who, PublicId.parse(wanted["id"], "cov"), member["member_number"], scheme)


def at_scheme(scheme: Scheme, settlement: str) -> str:
    """What the scheme's own books say of a settlement's number."""
    states = {one["settlement"]: one["state"] for one in scheme.settlements()}
    return str(states.get(settlement, "unknown"))


def heard(scheme: Scheme, infno: str) -> int:
    """How many messages of a kind came to the scheme."""
    return int(scheme.ask("/messages")["heard"][infno])


def supply(chemist: Pharmacy, member: SchemeMember) -> tuple[str, dict[str, Any]]:
    """A prepared supply and its trial."""
    order = chemist.order(member.who, new_tenant())
    return order, asked(member.who, order, member.coverage)


def confirmed_supply(chemist: Pharmacy, member: SchemeMember) -> tuple[str, dict[str, Any]]:
    """A supply whose trial was confirmed: its cash part waits."""
    order, trial = supply(chemist, member)
    return order, confirmed(member.who, trial, member.credential())


def paid(world: World, chemist: Pharmacy, settlement: dict[str, str]) -> None:
    """The cash part is paid, and everybody in the tenant has heard it."""
    chemist.pay(settlement["bill"])
    world.settle(chemist.scope)
