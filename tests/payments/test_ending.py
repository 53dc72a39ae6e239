"""Ceasing to collect: one end for every bill, whoever is first, and late money goes back."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from app.core.idempotency import Answered, KeyedEffect
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.payments.api import BILL_CANCELED, BILL_PAID, BILL_REFUNDED, request_cancel
from app.payments.rules.payments import PaymentState
from app.payments.service.paying import Way, begin
from tests.core.journal.scenes import eventually, rows
from tests.payments.begun import Begun
from tests.payments.shop import Shop


def cancel(shop: Shop, bill: PublicId) -> None:
    run(shop.tenant, lambda opened: request_cancel(opened, bill.id))


def settle(shop: Shop, bill: PublicId) -> str:
    """Let the worker go on until the bill has ended and nothing is on its way back."""

    def settled() -> bool:
        shop.work()
        going = [refund for refund in shop.refunds() if refund.state not in ("succeeded", "failed")]
        return shop.bill_of(bill).state in ("paid", "canceled") and not going

    eventually(settled)
    return shop.bill_of(bill).state


def test_a_bill_without_payments_is_canceled_at_once(shop: Shop) -> None:
    bill = shop.bill()
    narrow = Scope.for_tenant(shop.tenant.require_tenant(), as_resident=shop.payer)
    run(narrow, lambda opened: request_cancel(opened, bill.id))
    cancel(shop, bill)
    assert shop.bill_of(bill).state == "canceled"
    assert shop.news() == [BILL_CANCELED]
    refused = shop.pay(bill)
    assert refused.status_code == 409


def test_open_payments_are_ended_at_the_gateway_first(shop: Shop) -> None:
    bill = shop.bill()
    payments = [shop.begun(bill), shop.begun(bill, "alipay")]
    narrow = Scope.for_tenant(shop.tenant.require_tenant(), as_resident=shop.payer)
    run(narrow, lambda opened: request_cancel(opened, bill.id))
    assert (shop.bill_of(bill).state, shop.news()) == ("canceling", [])
    assert shop.pay(bill).status_code == 409
    shop.work()
    assert [payment.at_gateway().status for payment in payments] == ["canceled"] * 2
    assert (shop.bill_of(bill).state, shop.news()) == ("canceled", [BILL_CANCELED])


def test_a_failed_attempt_is_closed_before_the_bill_is_canceled(shop: Shop) -> None:
    bill = shop.bill()
    payment = shop.begun(bill, "card", card="pm_card_chargeDeclined")
    assert payment.state == "failed"
    cancel(shop, bill)
    assert shop.bill_of(bill).state == "canceling"
    assert settle(shop, bill) == "canceled"
    assert payment.at_gateway().status == "canceled"


def test_what_was_perhaps_never_created_is_ended_for_certain(shop: Shop) -> None:
    """The request died before its call: only an intent that is known can be canceled for certain."""
    bill = shop.bill()
    payment = shop.written(bill)
    cancel(shop, bill)
    assert settle(shop, bill) == "canceled"
    assert payment.at_gateway().status == "canceled"
    assert len(shop.intents()) == 1


def test_who_paid_before_the_gateway_confirmed_the_end_has_paid(shop: Shop) -> None:
    bill = shop.bill()
    payment = shop.begun(bill)
    assert payment.phone() == 200
    cancel(shop, bill)
    assert settle(shop, bill) == "paid"
    assert shop.news() == [BILL_PAID]
    assert shop.refunds() == []
    shop.check_books()


def test_nothing_is_canceled_while_the_payer_is_paying(shop: Shop) -> None:
    bill = shop.bill()
    shop.fault(bill, late_success=0.6)
    payment = shop.begun(bill)
    assert payment.phone() == 200
    cancel(shop, bill)
    shop.work()
    assert (shop.bill_of(bill).state, payment.state) == ("canceling", "processing")
    assert settle(shop, bill) == "paid"
    assert shop.news() == [BILL_PAID]


@pytest.mark.parametrize("_round", range(8))
def test_payer_and_canceler_at_the_same_moment_have_one_end(shop: Shop, _round: int) -> None:
    shop.listen()
    bill = shop.bill()
    payment, together = shop.begun(bill), Barrier(2)

    def pay() -> bool:
        together.wait(5)
        return payment.phone() == 200

    def end() -> None:
        together.wait(5)
        cancel(shop, bill)
        shop.work()

    with ThreadPoolExecutor(2) as pool:
        paying, ending = pool.submit(pay), pool.submit(end)
        was_paid, _ = paying.result(), ending.result()
    assert settle(shop, bill) == ("paid" if was_paid else "canceled")
    assert shop.news() == [BILL_PAID if was_paid else BILL_CANCELED]
    shop.check_books()


def test_who_begins_to_pay_and_who_cancels_wait_for_each_other(shop: Shop) -> None:
    """Otherwise a bill could be canceled that somebody is about to pay."""
    bill, begun = shop.bill(), Event()
    effect = KeyedEffect("person:test", "one", "POST", lambda _: Answered(201, {}, b""))

    def work(opened: Unit) -> None:
        begin(opened, bill.id, shop.payer, Way("wechat_pay"), effect)
        opened.session.flush()
        begun.set()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%bills%%'"
        eventually(lambda: rows(shop.platform, waiting) != [(0,)] or canceling.done())

    def canceled() -> None:
        assert begun.wait(5)
        cancel(shop, bill)

    with ThreadPoolExecutor(1) as pool:
        canceling = pool.submit(canceled)
        run(shop.tenant, work)
        canceling.result()
    assert (shop.bill_of(bill).state, shop.news()) == ("canceling", [])
    assert settle(shop, bill) == "canceled"


def test_money_after_the_cancellation_goes_back_by_itself(shop: Shop) -> None:
    """The gateway said that it canceled, and lied: the payer pays, and gets everything back, unasked."""
    shop.listen()
    bill = shop.bill()
    payment = shop.begun(bill)
    shop.hear(payment.told("canceled"))
    cancel(shop, bill)
    assert shop.bill_of(bill).state == "canceled"
    assert payment.phone() == 200
    eventually(lambda: payment.state == PaymentState.SUCCEEDED)
    assert settle(shop, bill) == "canceled"
    row = payment.row
    assert (row.paid, row.refunded, row.in_flight) == (1000, 1000, 0)
    assert shop.news() == [BILL_CANCELED, BILL_REFUNDED]
    assert shop.at_gateway() == shop.balance("payers") == shop.balance("income:") == 0
    shop.check_books()


def test_a_bill_paid_twice_by_two_channels_keeps_one(shop: Shop) -> None:
    bill = shop.bill()
    both: list[Begun] = [shop.begun(bill), shop.begun(bill, "alipay")]
    assert [payment.phone() for payment in both] == [200, 200]
    eventually(lambda: all(payment.at_gateway().status == "succeeded" for payment in both))
    assert settle(shop, bill) == "paid"
    eventually(lambda: bool(shop.work()) or sorted(payment.row.refunded for payment in both) == [0, 1000])
    assert shop.news().count(BILL_PAID) == 1
    assert shop.balance("income:") == -1000
    assert shop.at_gateway() == 1000
    shown = shop.get(f"/bills/{bill}").json
    assert shown and [shown[name] for name in ("paid", "refunded", "surplus", "surplus_refunded")] == [
        1000,
        0,
        1000,
        1000,
    ]
    listed = shop.get(f"/bills/{bill}/payments").json
    assert listed
    each = {(one["surplus"], one["paid"], one["returning"], one["refunded"]) for one in listed["data"]}
    assert each == {(False, 1000, 0, 0), (True, 1000, 0, 1000)}
    shop.check_books()


def test_the_other_payments_of_a_paid_bill_are_ended(shop: Shop) -> None:
    bill = shop.bill()
    waiting = shop.begun(bill)
    assert shop.pay(bill, "card").status_code == 201
    shop.work()
    assert waiting.at_gateway().status == waiting.state == "canceled"
    assert shop.bill_of(bill).state == "paid"
