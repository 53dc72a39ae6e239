"""Any order of facts: the books balance, and say of the channel's money what the channel's own facts say."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import delete, update
from sqlalchemy.exc import ProgrammingError

from app.core.errors import WrongState
from app.core.ids import PublicId
from app.core.unit import Unit, run
from app.payments.api import request_cancel, request_refund
from app.payments.facts import ChannelFact, Kind, Source
from app.payments.models import Payment, Posting, Refund
from app.payments.service.applying import apply_channel_fact
from tests.core.journal.scenes import eventually
from tests.payments.begun import Begun
from tests.payments.shop import Shop

AMOUNT = 1000
RANK = ("pending", "succeeded", "failed")
WORDS = ("requires_action", "processing", "failed", "canceled", "succeeded")
FACT = st.tuples(st.just("fact"), st.integers(0, 2), st.sampled_from(WORDS))
REFUNDED = st.tuples(st.just("refund_fact"), st.integers(0, 5), st.sampled_from(RANK))
WISH = st.tuples(st.just("refund"), st.integers(1, AMOUNT), st.just(""))
CANCEL = st.tuples(st.just("cancel"), st.just(0), st.just(""))
HISTORY = st.lists(st.one_of(FACT, REFUNDED, WISH, CANCEL), max_size=25)


@dataclass
class Channel:
    """A gateway as a plain model: what it has said last of each thing, by forward-only rank."""

    shop: Shop
    bill: PublicId
    payments: list[Begun]
    received: set[int] = field(default_factory=set)
    returned: dict[str, str] = field(default_factory=dict)
    """The furthest that each refund got, by the channel's own account; only a success moved money."""

    def tell(self, fact: ChannelFact) -> None:
        run(self.shop.tenant, lambda opened: apply_channel_fact(opened, fact))

    def act(self, what: str, number: int, word: str) -> None:
        if what == "fact":
            self.fact(number, word)
        elif what == "refund_fact":
            self.refund_fact(number, word)
        elif what == "cancel":
            run(self.shop.tenant, lambda opened: request_cancel(opened, self.bill.id))
        else:
            self.wish(number)

    def fact(self, number: int, word: str) -> None:
        payment = self.payments[number]
        if word == "succeeded":
            self.received.add(number)
        name = f"pi_{payment.id.id.hex}"
        self.tell(
            ChannelFact(
                self.shop.account.id, Source.WEBHOOK, Kind.PAYMENT, name, word, AMOUNT, "CNY", named=str(payment.id)
            )
        )

    def refund_fact(self, number: int, word: str) -> None:
        known = self.shop.refunds()
        if not known:
            return
        refund: Refund = known[number % len(known)]
        payment = next(row for row in self.shop.rows(Payment) if row.id == refund.payment_id)
        self.returned[refund.id.hex] = max(self.returned.get(refund.id.hex, "pending"), word, key=RANK.index)
        self.tell(
            ChannelFact(
                self.shop.account.id, Source.WEBHOOK, Kind.REFUND, f"re_{refund.id.hex}", word, refund.amount, "CNY",
                named=str(PublicId("ref", self.shop.tenant, refund.id)), payment_channel_id=payment.channel_id,
            )
        )  # fmt: skip

    def wish(self, amount: int) -> None:
        before = self.refundable()
        try:
            run(self.shop.tenant, lambda opened: request_refund(opened, self.bill.id, amount, "test"))
        except WrongState:
            assert amount > before
        else:
            assert amount <= before

    def refundable(self) -> int:
        """What may be asked for: the paying payment's rest."""
        paid_by = self.shop.bill_of(self.bill).paid_by
        row = next((row for row in self.shop.rows(Payment) if row.id == paid_by), None)
        return row.paid - row.refunded - row.in_flight if row else 0

    def check(self) -> None:
        """Everything that must be true after every history."""
        shop, rows, refunds = self.shop, self.shop.rows(Payment), self.shop.refunds()
        paid_out = sum(refund.amount for refund in refunds if self.returned.get(refund.id.hex) == "succeeded")
        assert shop.balance("clearing:") == AMOUNT * len(self.received) - paid_out
        assert shop.balance("") == 0
        groups: dict[object, int] = {}
        for row in shop.rows(Posting):
            groups[(row.subject_id, row.reason)] = groups.get((row.subject_id, row.reason), 0) + row.amount
        assert set(groups.values()) <= {0}
        assert sum(row.paid for row in rows) == AMOUNT * len(self.received)
        assert sum(row.refunded for row in rows) == paid_out
        bill = shop.bill_of(self.bill)
        late = [row for row in rows if row.state == "succeeded" and row.id != bill.paid_by]
        for row in late:
            mine = [refund for refund in refunds if refund.payment_id == row.id]
            assert {refund.cause for refund in mine} == {"late_success"}
            assert row.refunded + row.in_flight in (0, AMOUNT)
        news = [name for name in shop.news() if name in ("bill.paid", "bill.canceled")]
        assert len(news) <= 1
        assert (bill.state == "paid") == (news == ["bill.paid"])
        assert (bill.state == "canceled") == (news == ["bill.canceled"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORY)
def test_the_books_balance_after_any_history(shop: Shop, history: list[tuple[str, int, str]]) -> None:
    """A fresh bill with three payments for each history, in a shop of its own."""
    fresh = Shop(shop.platform, shop.sandbox, shop.web, shop.address)
    bill = fresh.bill(AMOUNT)
    channel = Channel(fresh, bill, [fresh.written(bill) for _ in range(3)])
    for what, number, word in history:
        channel.act(what, number, word)
    channel.check()


ACTS = st.sampled_from(("card", "wechat_pay", "alipay", "decline", "phone", "no", "refund", "work", "cancel"))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=10), webhook=st.sampled_from(({}, {"duplicate": 9}, {"drop": 99}, {"reorder": 2})))
def test_the_books_are_those_of_the_real_gateway(shop: Shop, acts: list[str], webhook: dict[str, int]) -> None:
    """Payer, hospital, worker and a gateway with faults do what they like; in the end both sides say the same."""
    fresh = Shop(shop.platform, shop.sandbox, shop.web, shop.address)
    fresh.listen()
    bill = fresh.bill(AMOUNT)
    fresh.fault(bill, webhook=webhook)
    for act in acts:
        do(fresh, bill, act)
    eventually(lambda: rest(fresh))
    fresh.check_books()
    assert sum(row.in_flight for row in fresh.rows(Payment)) == 0
    assert (fresh.balance("income:") + fresh.balance("refunds")) == -fresh.at_gateway()


def do(shop: Shop, bill: PublicId, act: str) -> None:
    """One act; whether it is allowed is not the point here."""
    waiting = [row for row in shop.rows(Payment) if row.state == "requires_action"]
    if act in ("card", "wechat_pay", "alipay"):
        shop.pay(bill, act)
    elif act == "decline":
        shop.pay(bill, "card", card="pm_card_chargeDeclined")
    elif act in ("phone", "no") and waiting:
        shop.sandbox.pay(str(waiting[0].channel_id), "succeed" if act == "phone" else "decline")
    elif act == "refund" and (paid_by := shop.bill_of(bill).paid_by):
        row = next(row for row in shop.rows(Payment) if row.id == paid_by)
        if row.paid > row.refunded + row.in_flight:
            run(shop.tenant, lambda opened: request_refund(opened, bill.id, 1, "test"))
    elif act == "work":
        shop.work()
    elif act == "cancel":
        run(shop.tenant, lambda opened: request_cancel(opened, bill.id))


def rest(shop: Shop) -> bool:
    """Work until nothing is under way but payments that wait for a payer who does not come."""
    shop.work()
    under_way = [row for row in shop.rows(Payment) if row.state in ("created", "unknown", "processing") or row.stopping]
    ended = ("canceled", "succeeded")
    going = [row for row in shop.refunds() if row.state not in ("succeeded", "failed")]
    at_gateway = [item for item in shop.intents() if item["status"] == "processing"]
    return not going and not at_gateway and all(row.state in ended for row in under_way)


@pytest.mark.parametrize("change", [update(Posting).values(amount=1), delete(Posting)])
def test_what_is_posted_cannot_be_changed_by_this_program(shop: Shop, change: object) -> None:
    assert shop.pay(shop.bill(), "card").status_code == 201

    def tamper(opened: Unit) -> None:
        mine = change.where(Posting.tenant_id == shop.tenant.tenant)  # type: ignore[attr-defined]  # both have one
        opened.session.execute(mine.execution_options(synchronize_session=False))

    with pytest.raises(ProgrammingError) as refused:
        run(shop.tenant, tamper)
    assert isinstance(refused.value.orig, InsufficientPrivilege)
