"""Money back: never more than was paid, never twice, and never forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from app.core.errors import InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.unit import Unit, run
from app.payments.api import BILL_PAID, BILL_REFUNDED, request_cancel, request_refund
from app.payments.models import Payment
from app.payments.service.driving import noted_refund, wanted_refund
from tests.core.journal.scenes import eventually
from tests.payments.begun import Begun
from tests.payments.shop import Shop


def refund(shop: Shop, bill: PublicId, amount: int) -> PublicId:
    return run(shop.tenant, lambda opened: request_refund(opened, bill.id, amount, "test"))


def payment(shop: Shop) -> Begun:
    return Begun(shop, PublicId("pay", shop.tenant, shop.rows(Payment)[0].id))


def settled(shop: Shop) -> list[str]:
    """The states of all refunds once the gateway is through with them."""

    def look() -> bool:
        shop.work()
        return all(row.state in ("succeeded", "failed", "paid_otherwise") for row in shop.refunds())

    eventually(look)
    return [row.state for row in shop.refunds()]


@pytest.mark.parametrize("amount", [1001, 10**12])
def test_more_than_was_paid_is_refused(shop: Shop, bill: PublicId, amount: int) -> None:
    with pytest.raises(WrongState):
        refund(shop, bill, amount)
    assert shop.refunds() == []


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_no_refund(shop: Shop, bill: PublicId, amount: int) -> None:
    with pytest.raises(InvalidInput):
        refund(shop, bill, amount)


def test_an_unpaid_or_unknown_bill_has_nothing_to_give_back(shop: Shop) -> None:
    with pytest.raises(WrongState):
        refund(shop, shop.bill(), 1)
    with pytest.raises(NotFound):
        refund(shop, PublicId("bil", shop.tenant, new_id()), 1)


def test_of_two_refunds_of_sixty_percent_at_once_one_wins(shop: Shop, bill: PublicId) -> None:
    together = Barrier(2)

    def ask() -> bool:
        together.wait(5)
        try:
            refund(shop, bill, 600)
        except WrongState:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(ask) for _ in range(2)]
        assert sorted(result.result() for result in results) == [False, True]
    assert settled(shop) == ["succeeded"]
    shop.check_books()


def test_the_database_itself_refuses_to_give_back_more(shop: Shop, bill: PublicId) -> None:
    def overdraw(opened: Unit) -> None:
        row = opened.get(Payment, payment(shop).id.id)
        assert row is not None
        row.refunded, row.in_flight = 600, 401

    with pytest.raises(IntegrityError, match="ck_payments_refundable"):
        run(shop.tenant, overdraw)


def test_two_equal_partial_refunds_are_two(shop: Shop, bill: PublicId) -> None:
    refund(shop, bill, 300)
    refund(shop, bill, 300)
    assert settled(shop) == ["succeeded"] * 2
    assert payment(shop).row.refunded == 600
    shop.check_books()


def test_refunding_and_canceling_a_paid_bill_at_once_gives_back_once(shop: Shop, bill: PublicId) -> None:
    together = Barrier(2)

    def cancel() -> None:
        together.wait(5)
        run(shop.tenant, lambda opened: request_cancel(opened, bill.id))

    def ask() -> None:
        together.wait(5)
        refund(shop, bill, 1000)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(cancel), pool.submit(ask)]:
            done.result()
    assert settled(shop) == ["succeeded"]
    assert shop.news() == [BILL_PAID, BILL_REFUNDED]
    shop.check_books()


@pytest.mark.parametrize("fault", [{"drop": 3}, {"http_500": 3}])
def test_a_refund_without_an_answer_is_looked_for_and_never_made_twice(
    shop: Shop, bill: PublicId, fault: dict[str, int]
) -> None:
    shop.fault(bill, **fault)
    refund(shop, bill, 400)
    shop.work()
    assert [row.state for row in shop.refunds()] == ["unknown"]
    assert settled(shop) == ["succeeded"]
    assert shop.at_gateway() == 600
    shop.check_books()


def test_a_refund_that_the_gateway_cannot_pay_out_is_tried_again_under_the_same_name(
    shop: Shop, bill: PublicId
) -> None:
    shop.fault(bill, refund_fail=1)
    name = refund(shop, bill, 400)
    with capture_logs() as logs:
        assert settled(shop) == ["failed", "succeeded"]
    assert {"event": "refund_failed", "final": False}.items() <= logs[0].items()
    first, second = shop.refunds()
    assert (first.origin_id, second.origin_id, second.attempt) == (name.id, name.id, 2)
    assert second.created_at - first.created_at < timedelta(minutes=1)
    assert shop.news() == [BILL_PAID, BILL_REFUNDED]
    assert shop.entries().count("refund.failed") == 1
    shop.check_books()


def test_a_refund_that_fails_after_it_succeeded_is_owed_again(shop: Shop, bill: PublicId) -> None:
    refund(shop, bill, 400)
    settled(shop)
    row, version = shop.refunds()[0], shop.bill_of(bill).version
    shop.hear(payment(shop).refund_told(row, "failed"))
    first, second = shop.refunds()
    assert (first.state, second.state, second.told) == ("failed", "requested", True)
    counters = payment(shop).row
    assert (counters.refunded, counters.in_flight) == (0, 400)
    assert shop.balance("payers") == -400
    assert shop.bill_of(bill).version == version + 1
    shop.hear(payment(shop).refund_told(row, "succeeded"))  # the same old success again
    assert payment(shop).row.refunded == 0
    assert settled(shop) == ["failed", "succeeded"]
    assert shop.news() == [BILL_PAID, BILL_REFUNDED], "whoever asked has heard already"


def test_a_refused_refund_is_followed_by_one_other_however_many_asked(shop: Shop, bill: PublicId) -> None:
    shop.client().refunds.create(payment_intent=payment(shop).intent, amount=1000, idempotency_key="by-hand")
    refund(shop, bill, 400)
    row = shop.refunds()[0]
    calls = [run(shop.tenant, lambda opened: wanted_refund(opened, row.id)) for _ in range(2)]
    for call in calls:
        assert call is not None
        said = call.perform()
        assert said.refusal == "charge_already_refunded"
        run(shop.tenant, partial(noted_refund, refund=row.id, said=said))
    assert [known.state for known in shop.refunds()] == ["failed", "requested"]
    assert payment(shop).row.in_flight == 400


def test_a_refund_that_contradicts_is_refused(shop: Shop, bill: PublicId) -> None:
    refund(shop, bill, 400)
    row = shop.refunds()[0]
    for changes in ({"amount": 401}, {"currency": "usd"}, {"payment_intent": "pi_other"}):
        shop.hear(payment(shop).refund_told(row, "succeeded", **changes))
    assert shop.verdicts()[-3:] == ["refused"] * 3
    assert shop.refunds()[0].state == "requested"


def test_money_that_somebody_gave_back_at_the_gateway_is_an_alarm(shop: Shop, bill: PublicId) -> None:
    shop.listen()
    intent = payment(shop).intent
    shop.client().refunds.create(payment_intent=intent, amount=10, idempotency_key="by-hand")
    eventually(lambda: "unmatched" in shop.verdicts())
    assert shop.refunds() == []
