"""A payer gives a payment up: the gateway decides who was quicker, and asking again is harmless."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from app.payments.api import BILL_PAID
from tests.core.journal.scenes import eventually, rows
from tests.payments.shop import Shop


def test_a_payment_that_was_paid_before_the_payer_gave_it_up_has_paid(shop: Shop) -> None:
    bill = shop.bill()
    payment = shop.begun(bill)
    assert payment.phone() == 200
    eventually(lambda: payment.at_gateway().status == "succeeded")
    assert shop.cancel(payment).json["state"] == "succeeded"  # type: ignore[index]  # it has a body
    assert (shop.bill_of(bill).state, shop.news()) == ("paid", [BILL_PAID])
    shop.check_books()


def test_a_payment_given_up_before_it_reached_the_gateway_is_ended_there(shop: Shop) -> None:
    bill = shop.bill()
    payment = shop.written(bill)
    assert shop.cancel(payment).json["state"] == "canceled"  # type: ignore[index]  # it has a body
    assert [intent["status"] for intent in shop.intents()] == ["canceled"]
    assert shop.bill_of(bill).state == "open"


def test_a_silent_gateway_ends_a_given_up_payment_later(shop: Shop) -> None:
    bill = shop.bill()
    payment = shop.begun(bill)
    shop.fault(bill, http_500=3)
    shown = shop.cancel(payment).json
    assert shown and (shown["state"], shown["stopping"], shown["next_action"]) == ("requires_action", True, None)
    shop.work()
    assert payment.state == payment.at_gateway().status == "canceled"


def test_a_request_leaves_the_search_to_the_worker_and_what_has_ended_is_refused(shop: Shop) -> None:
    payment = shop.written(shop.bill())
    payment.age(timedelta(hours=21))
    for key in ("one", "two"):
        shown = shop.cancel(payment, key=key).json
        assert shown and (shown["state"], shown["stopping"]) == ("created", True)
        row = payment.row
        assert row.tries == 0 and row.due_at is not None and row.due_at <= datetime.now(UTC)
    shop.work()
    assert (payment.state, payment.row.stopping, shop.intents()) == ("failed", True, [])
    assert shop.cancel(payment, key="one").headers["Idempotency-Replayed"] == "true"
    refused = shop.cancel(payment, key="three")
    assert refused.status_code == 409 and refused.json and refused.json["code"] == "payment_ended"


def test_asking_again_asks_the_gateway_only_when_that_is_due(shop: Shop) -> None:
    bill = shop.bill()
    payment = shop.begun(bill)
    shop.fault(bill, http_500=3)
    shop.cancel(payment)
    assert shop.cancel(payment).json["stopping"] is True  # type: ignore[index]  # it has a body
    assert (payment.row.tries, payment.at_gateway().status) == (1, "requires_action")
    shop.hurry()
    assert shop.cancel(payment).json["state"] == "canceled"  # type: ignore[index]  # it has a body


def test_who_repeats_a_wish_after_a_crash_gets_its_answer(shop: Shop) -> None:
    """The request died before its call: the wish is noted with its key, and the worker went on."""
    payment = shop.begun(shop.bill())
    query = "UPDATE merchant_accounts SET api_key = %s || api_key WHERE tenant_id = %s"
    rows(shop.platform, query, b"broken", shop.tenant.tenant)
    assert shop.cancel(payment, key="one").status_code == 500
    query = "UPDATE merchant_accounts SET api_key = substr(api_key, 7) WHERE tenant_id = %s"
    rows(shop.platform, query, shop.tenant.tenant)
    shop.work()
    assert payment.state == "canceled"
    again = shop.cancel(payment, key="one")
    assert again.json and (again.status_code, again.json["stopping"]) == (200, True)


def test_what_has_ended_and_a_used_key_cancel_nothing(shop: Shop) -> None:
    bill = shop.bill()
    payment = shop.begun(bill, key="one")
    reused = shop.cancel(payment, key="one")
    assert reused.status_code == 422 and reused.json and reused.json["code"] == "idempotency_key_reused"
    assert payment.at_gateway().status == "requires_action"
    paid = shop.begun(bill, "card")
    refused = shop.cancel(paid)
    assert refused.status_code == 409 and refused.json and refused.json["code"] == "payment_ended"


@pytest.mark.parametrize("_round", range(3))
def test_payer_paying_and_giving_up_at_the_same_moment_have_one_end(shop: Shop, _round: int) -> None:
    """As with a whole bill: the gateway decides which of the two was first, and what was paid stays paid."""
    shop.listen()
    bill = shop.bill()
    payment, together = shop.begun(bill), Barrier(3)

    def at_once(act: Callable[[], int]) -> int:
        together.wait(5)
        return act()

    with ThreadPoolExecutor(3) as pool:
        paying = pool.submit(at_once, payment.phone)
        ending = [pool.submit(at_once, lambda: shop.cancel(payment).status_code) for _ in range(2)]
        was_paid = paying.result() == 200
        assert {one.result() for one in ending} <= {200, 409}

    def ended() -> bool:
        shop.work()
        return payment.state in ("succeeded", "canceled")

    eventually(ended)
    assert payment.state == ("succeeded" if was_paid else "canceled")
    assert shop.news() == ([BILL_PAID] if was_paid else [])
    shop.check_books()
