"""Whatever brings a fact, in whatever order and however often, money moves once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from structlog.testing import capture_logs

from app.core.unit import run
from app.payments.api import BILL_PAID
from app.payments.models import GatewayFact, Posting
from app.payments.service.driving import drive_payment, noted_payment, wanted_payment
from tests.core.journal.scenes import eventually
from tests.payments.begun import Begun
from tests.payments.gateway.partner import ask
from tests.payments.shop import Shop


def received(shop: Shop) -> int:
    return sum(row.reason == "payment.received" and row.amount > 0 for row in shop.rows(Posting))


def paid(payment: Begun) -> Begun:
    """The payer acted and the gateway has the money; nobody here knows."""
    assert payment.phone() == 200
    eventually(lambda: payment.at_gateway().status == "succeeded")
    return payment


def test_the_webhook_comes_before_the_answer(shop: Shop) -> None:
    shop.listen()
    bill = shop.bill()
    shop.fault(bill, delay_ms=700)
    with ThreadPoolExecutor(1) as pool:
        paying = pool.submit(shop.pay, bill, "card")
        eventually(lambda: shop.bill_of(bill).state == "paid")
        assert not paying.done()
        answer = paying.result()
    assert answer.json and answer.json["state"] == "succeeded"
    assert received(shop) == 1
    shop.check_books()


def test_webhook_poll_and_answer_at_once_post_once(shop: Shop) -> None:
    payment = paid(shop.begun(shop.bill()))
    told, together = payment.told("succeeded"), Barrier(6)

    def hear() -> int:
        together.wait(5)
        return shop.hear(told).status_code

    def poll() -> int:
        together.wait(5)
        drive_payment(shop.tenant, payment.id.id)
        return 200

    with ThreadPoolExecutor(6) as pool:
        results = [pool.submit(one) for one in (hear, poll) * 3]
        assert [result.result() for result in results] == [200] * 6
    assert (received(shop), shop.news()) == (1, [BILL_PAID])
    assert shop.verdicts().count("applied") <= 2  # the answer that it waits for the payer, and the success
    shop.check_books()


def test_what_was_said_before_changes_nothing_after(shop: Shop) -> None:
    payment = paid(shop.begun(shop.bill()))
    failure = {"last_payment_error": {"code": "payment_method_provider_decline"}}
    for told in (
        payment.told("succeeded"),
        payment.told("requires_payment_method", **failure),
        payment.told("processing"),
        payment.told("canceled"),
        payment.told("requires_action"),
    ):
        assert shop.hear(told).status_code == 200
    assert payment.state == "succeeded"
    assert shop.verdicts()[-4:] == ["repeated"] * 4
    shop.check_books()


def test_the_same_event_is_kept_once_and_a_copy_with_another_id_moves_nothing(shop: Shop) -> None:
    payment = paid(shop.begun(shop.bill()))
    for name in ("evt_a", "evt_a", "evt_b"):
        assert shop.hear(payment.told("succeeded"), name).status_code == 200
    assert [row.event_id for row in shop.rows(GatewayFact) if row.event_id] == ["evt_a", "evt_b"]
    assert received(shop) == 1


def test_a_fact_about_something_unknown_is_kept_and_matched_later(shop: Shop) -> None:
    payment = shop.written(shop.bill())
    call = run(shop.tenant, lambda opened: wanted_payment(opened, payment.id.id))
    assert call is not None
    said = call.perform()
    assert said.fact is not None
    early = payment.told("processing", id=said.fact.channel_id, metadata={})
    with capture_logs() as logs:
        assert shop.hear(early).status_code == 200
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["gateway_fact_unmatched"]
    assert (payment.state, shop.verdicts()) == ("created", ["unmatched"])
    run(shop.tenant, lambda opened: noted_payment(opened, payment.id.id, call, said))
    shop.work()
    assert (payment.state, shop.verdicts()[0]) == ("processing", "applied")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_received": 999}, "amount"),
        ({"amount_received": 100_000}, "amount"),
        ({"currency": "usd"}, "currency"),
        ({"id": "pi_of_somebody_else"}, "intent"),
    ],
)
def test_a_fact_that_contradicts_is_refused_kept_and_an_alarm(
    shop: Shop, changes: dict[str, object], reason: str
) -> None:
    payment = shop.begun(shop.bill())
    with capture_logs() as logs:
        assert shop.hear(payment.told("succeeded", **changes)).status_code == 200
    fact = shop.rows(GatewayFact)[-1]
    assert (fact.verdict, fact.reason) == ("refused", reason)
    assert {"event": "gateway_fact_refused", "reason": reason}.items() <= logs[0].items()
    assert payment.state == "requires_action"
    shop.check_books()


def test_another_account_cannot_speak_for_a_payment(open_shop: Callable[[], Shop]) -> None:
    shop, other = open_shop(), open_shop()
    payment = shop.begun(shop.bill())
    other.hear(payment.told("succeeded"))
    assert other.verdicts() == ["unmatched"]
    shop.account = shop.open_account(other.key)
    shop.hear(payment.told("succeeded"))
    assert shop.rows(GatewayFact)[-1].reason == "account"
    assert payment.state == "requires_action"


def test_a_lost_webhook_is_made_up_for_by_asking(shop: Shop) -> None:
    shop.listen()
    bill = shop.bill()
    shop.fault(bill, webhook={"drop": 100})
    payment = paid(shop.begun(bill))
    assert payment.state == "requires_action"
    shop.work()
    assert (payment.state, received(shop)) == ("succeeded", 1)


@pytest.mark.parametrize("webhook", [{"duplicate": 5}, {"reorder": 4}, {"delay_ms": 300}])
def test_webhooks_come_twice_late_and_in_the_wrong_order(shop: Shop, webhook: dict[str, int]) -> None:
    shop.listen()
    bill = shop.bill()
    shop.fault(bill, webhook=webhook)
    payment = paid(shop.begun(bill))
    eventually(lambda: payment.state == "succeeded")
    assert received(shop) == 1
    shop.check_books()


def test_a_poll_that_contradicts_is_kept_once(shop: Shop) -> None:
    payment = shop.begun(shop.bill())
    changed = ask(
        "POST", f"{shop.sandbox.url}/v1/payment_intents/{payment.intent}", data={"amount": 1}, auth=(shop.key, "")
    )
    assert changed.status_code == 200
    assert payment.phone() == 200
    eventually(lambda: payment.at_gateway().status == "succeeded")
    for _ in range(3):
        shop.work()
    assert shop.verdicts().count("refused") == 1
    assert payment.state == "requires_action"
