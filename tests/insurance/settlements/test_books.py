"""Any order of what resident, pharmacy, insurer, gateway, scheme and worker do: every fen ends where it belongs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.ids import PublicId
from app.payments.models import Payment
from app.payments.rules.payments import PaymentState
from deploy.demo.partners import Scheme
from insurance.models import Claim, Settlement
from tests.insurance.scenes import Insurer, World
from tests.insurance.settlements.claim_scenes import Reviewer, decision, insured, reviewer
from tests.insurance.settlements.scheme_scenes import SchemeMember, at_scheme, scheme_member
from tests.insurance.settlements.settlement_scenes import Pharmacy, pharmacy
from tests.platform import new_tenant

ACTS = (
    "ask",
    "confirm",
    "pay",
    "begin",
    "carry",
    "drive",
    "cancel",
    "end",
    "hand over",
    "decide",
    "withdraw",
    "arrive",
)
FAULTS = ("lost before", "lost after", "other split", "well")
STRAIGHT = ("ask", "confirm", "pay", "carry", "drive", "hand over", "carry", "decide", "carry", "arrive")
"""How it goes when nothing comes between; a history follows it some way and then does anything."""
HISTORY = st.lists(st.sampled_from((*ACTS, *ACTS, "carry", "drive", "pay", *FAULTS)), max_size=20)


@dataclass
class History:
    """One supply, and everybody who has to do with it."""

    world: World
    scheme: Scheme
    chemist: Pharmacy
    insurer: Insurer
    member: SchemeMember
    desk: Reviewer
    insured: bool
    order: str = ""
    last: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The supply is prepared."""
        self.order = self.chemist.order(self.member.who, new_tenant())

    def act(self, what: str) -> None:
        """One act; whether it is allowed is not the point here, only that it is no defect."""
        acts: dict[str, Callable[[], object]] = {
            "ask": self.ask, "confirm": self.confirm, "pay": self.pay, "begin": self.begin, "carry": self.carry,
            "drive": self.chemist.drive, "cancel": self.cancel, "end": self.end, "hand over": self.hand_over,
            "decide": self.decide, "withdraw": self.withdraw, "arrive": self.chemist.refunds_arrive,
            "lost before": lambda: self.scheme.faults(infno="2207", drop_before=1),
            "lost after": lambda: self.scheme.faults(infno="2207", drop_after=1),
            "other split": lambda: self.scheme.faults(infno="2207", split_changed=1),
            "well": self.scheme.faults,
        }  # fmt: skip
        acts[what]()

    def ask(self) -> None:
        coverage = str(self.member.coverage) if self.insured else None
        answer = self.member.who.actor.ask("POST", "/settlements", {"subject": self.order, "coverage": coverage})
        assert answer.status_code in (201, 409)
        if answer.status_code == 201 and answer.json:
            self.last = answer.json

    def confirm(self) -> None:
        if self.last:
            path, body = f"/settlements/{self.last['id']}/confirmation", {"credential": self.credential()}
            now = self.member.who.actor.do("GET", f"/settlements/{self.last['id']}")
            answer = self.member.who.actor.ask("POST", path, body, If_Match=f'"{now["version"]}"')
            assert answer.status_code in (200, 409)

    def credential(self) -> str | None:
        public = any(row.payer == "public_scheme" for row in self.chemist.rows(Settlement))
        return self.member.credential() if public else None

    def pay(self) -> None:
        for payment in self.chemist.rows(Payment):
            if payment.state == PaymentState.REQUIRES_ACTION:
                self.chemist.payment_succeeds(payment.bill_id, payment.id)
        for row in self.chemist.rows(Settlement):
            if row.state == "paying" and row.bill_id and not any(
                one.bill_id == row.bill_id for one in self.chemist.rows(Payment)
            ):  # fmt: skip
                self.chemist.payment_succeeds(row.bill_id, self.chemist.begin_payment(row.bill_id))

    def begin(self) -> None:
        for row in self.chemist.rows(Settlement):
            if row.state == "paying" and row.bill_id:
                self.chemist.begin_payment(row.bill_id)

    def carry(self) -> None:
        self.world.settle(self.chemist.scope, self.insurer.scope)

    def cancel(self) -> None:
        if self.last:
            answer = self.member.who.actor.ask("POST", f"/settlements/{self.last['id']}/cancellation")
            assert answer.status_code in (200, 409)

    def end(self) -> None:
        if self.chemist.order_now(self.order).state == "prepared":
            self.chemist.ends(self.order)

    def hand_over(self) -> None:
        row = self.chemist.order_now(self.order)
        if row.state == "prepared" and row.settled_by:
            self.chemist.hands_over(self.order)

    def decide(self) -> None:
        for case in self.desk.ids():
            shown = self.desk.fetch(case)
            path, seen = f"/claim-cases/{case}/decisions", f'"{shown["version"]}"'
            assert self.desk.actor.ask("POST", path, decision(shown), If_Match=seen).status_code == 201

    def withdraw(self) -> None:
        for claim in self.chemist.rows(Claim):
            path = f"/claims/{PublicId('clm', self.chemist.scope, claim.id)}/withdrawal"
            assert self.chemist.clerk.ask("POST", path).status_code in (200, 409)

    def rest(self) -> None:
        """Everything works again, and goes on until nothing moves."""
        self.scheme.faults()
        for _ in range(4):
            self.carry()
            self.chemist.drive()
            self.decide()
            self.chemist.refunds_arrive()
        self.carry()

    def check(self) -> None:
        """Everything that must be true after every history."""
        self.chemist.books()
        rows, claims = self.chemist.rows(Settlement), self.chemist.rows(Claim)
        committed = [row for row in rows if row.state == "committed"]
        returned = sum(claim.returned for claim in claims)
        assert len(committed) <= 1
        assert {row.state for row in rows} <= {"trial", "paying", "committed", "refused", "canceled", "reversed"}
        assert self.chemist.kept() == sum(row.prepaid for row in committed) - returned
        order = self.chemist.order_now(self.order)
        if order.state != "revoked":
            assert order.settled_by == (self.name(committed[0]) if committed else None)
        assert order.state != "revoked" or not [row for row in rows if row.state in ("trial", "paying", "committed")]
        for row in rows:
            if row.payer == "public_scheme":
                settled = at_scheme(self.scheme, self.name(row)) == "settled"
                assert settled == (row.state == "committed")
        assert len(claims) == (order.state == "fulfilled" and bool(committed) and self.insured)
        ended = {"settled", "withdrawn"}
        assert {claim.state for claim in claims} <= ended
        assert {case.state for case in self.desk.cases()} <= ended
        used = sum(case.fund for case in self.desk.cases() if case.state == "settled")
        assert self.desk.counters()[1] == (0 if self.insurer_is_public() else used)

    def insurer_is_public(self) -> bool:
        return any(row.payer == "public_scheme" for row in self.chemist.rows(Settlement))

    def name(self, row: Settlement) -> str:
        return str(PublicId("stl", self.chemist.scope, row.id))


def begun(world: World, scheme: Scheme, payer: str) -> History:
    """A fresh supply for somebody with such an insurer, at a fresh pharmacy."""
    chemist = pharmacy(world)
    insurer = world.insurer("public_scheme" if payer == "public_scheme" else "commercial")
    if payer == "public_scheme":
        chemist.connect(scheme, insurer)
        member = scheme_member(world, scheme, insurer, deductible=5000, account_balance=1000)
    else:
        who, coverage = insured(world, insurer)
        member = SchemeMember(who, coverage, "", scheme)
    return History(world, scheme, chemist, insurer, member, reviewer(world, insurer), payer != "self")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payer=st.sampled_from(("self", "commercial", "public_scheme")),
    straight=st.integers(0, len(STRAIGHT)),
    history=HISTORY,
)
def test_every_fen_is_where_it_belongs_after_any_history(
    world: World, scheme: Scheme, payer: str, straight: int, history: list[str]
) -> None:
    scheme.faults()
    made = begun(world, scheme, payer)
    for what in [*STRAIGHT[:straight], *history]:
        made.act(what)
    made.rest()
    made.check()
