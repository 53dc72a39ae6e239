"""Nobody answered, or somebody died between two steps: the same payment goes on, and never a second one."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.ids import PublicId
from app.core.unit import run
from app.payments.api import BILL_PAID, request_cancel, request_refund
from app.payments.calls import PaymentCall, Said
from app.payments.models import Posting
from app.payments.rules.payments import KEY_KEPT
from app.payments.service.driving import drive_payment, noted_payment, wanted_payment
from app.payments.service.paying import Way
from deploy.stack import Stack
from tests.core.journal.scenes import eventually, rows
from tests.payments.begun import Begun
from tests.payments.gateway.partner import ask
from tests.payments.shop import Shop
from tests.platform import Platform

CARD = Way("card", card="pm_card_visa")


@pytest.mark.parametrize("fault", [{"drop": 3}, {"http_500": 3}])
def test_a_creation_without_an_answer_is_looked_for_and_never_made_twice(shop: Shop, fault: dict[str, int]) -> None:
    bill = shop.bill()
    shop.fault(bill, **fault)
    answer = shop.pay(bill, "card")
    assert answer.json and answer.json["state"] == "unknown"
    shop.work()
    assert shop.of(answer).state == "succeeded"
    assert len(shop.intents()) == 1
    shop.check_books()


def test_a_confirmation_without_an_answer_is_repeated_under_its_key(shop: Shop) -> None:
    bill = shop.bill()
    payment = shop.written(bill, CARD)
    said = step(payment)
    assert said.fact
    shop.fault(bill, drop=3)
    assert step(payment).doubt
    assert payment.state == "unknown"
    shop.work()
    assert payment.state == "succeeded"
    shop.check_books()


def test_what_never_arrived_has_failed_when_its_key_may_be_forgotten(shop: Shop) -> None:
    payment = shop.written(shop.bill())
    payment.age(KEY_KEPT + timedelta(minutes=1))
    shop.work()
    row = payment.row
    assert (row.state, row.failure, row.due_at) == ("failed", "never_arrived", None)
    assert shop.intents() == []


def test_what_arrived_is_found_when_its_key_may_be_forgotten(shop: Shop) -> None:
    payment = shop.written(shop.bill())
    wanted(payment).perform()
    payment.age(timedelta(minutes=4) + KEY_KEPT)  # the gateway still has it among the events since then
    shop.work()
    assert payment.state == "requires_action"
    assert len(shop.intents()) == 1


def test_a_gateway_that_is_away_keeps_nobody_waiting_and_loses_nothing(shop: Shop) -> None:
    shop.open_account(shop.key, "http://127.0.0.1:9")
    first, second = shop.written(shop.bill()), shop.written(shop.bill())
    assert shop.work() == 1, "the others of this tenant are left for later"
    assert {first.state, second.state} == {"created"}
    due = first.row.due_at
    assert due is not None


def test_a_wrong_api_key_fails_no_payment(shop: Shop) -> None:
    shop.open_account("sk_test_unknown_to_the_gateway")
    payment = shop.written(shop.bill())
    shop.work()
    assert payment.state == "created"


def wanted(payment: Begun) -> PaymentCall:
    """What the driver would call, leased."""
    call = run(payment.shop.tenant, lambda opened: wanted_payment(opened, payment.id.id))
    assert call
    return call


def step(payment: Begun) -> Said:
    """One whole step."""
    call = wanted(payment)
    said = call.perform()
    noted(payment, call, said)
    return said


def noted(payment: Begun, call: PaymentCall, said: Said) -> None:
    """The unit after a call."""
    run(payment.shop.tenant, lambda opened: noted_payment(opened, payment.id.id, call, said))


@pytest.mark.parametrize("steps", range(7))
def test_a_request_that_dies_anywhere_is_followed_by_the_worker(shop: Shop, steps: int) -> None:
    """Unit, call, unit, call, unit: cut after any number of them, the worker ends it with the same keys."""
    payment = shop.written(shop.bill(), CARD)
    calls: list[PaymentCall] = []
    answers: list[Said] = []
    acts: list[Callable[[], None]] = [
        lambda: calls.append(wanted(payment)),
        lambda: answers.append(calls[-1].perform()),
        lambda: noted(payment, calls[-1], answers[-1]),
    ]
    for act in (acts * 2)[:steps]:
        act()
    for _ in range(2):
        shop.work()
    assert payment.state == "succeeded"
    assert len(shop.intents()) == 1
    assert shop.news() == [BILL_PAID]
    shop.check_books()


def test_two_drivers_at_once_do_it_once(shop: Shop) -> None:
    payment = shop.written(shop.bill(), CARD)
    one, other = wanted(payment), wanted(payment)
    for call in (one, other):
        noted(payment, call, call.perform())
    drive_payment(shop.tenant, payment.id.id)
    assert (payment.state, len(shop.intents())) == ("succeeded", 1)
    shop.check_books()


@pytest.fixture
def stack(platform: Platform, logs: Path) -> Iterator[Stack]:
    with platform.stack(logs) as made:
        yield made


def later(shop: Shop) -> bool:
    """Let what waits for its time, and is in nobody's hands, be due; always true."""
    query = "UPDATE {} SET due_at = now() WHERE tenant_id = %s AND due_at BETWEEN now() + %s AND now() + %s"
    for table in ("payments", "refunds"):
        rows(shop.platform, query.format(table), shop.tenant.tenant, timedelta(seconds=1), timedelta(seconds=40))
    return True


def met_itself(shop: Shop, bill: PublicId) -> bool:
    """Whether the gateway refused a question about the bill, because the same one was still being answered."""
    entries = ask("GET", f"{shop.sandbox.url}/sandbox/log").json()["entries"]
    asked = [entry for entry in entries if entry.get("params", {}).get("metadata", {}).get("bill") == str(bill)]
    return 409 in [entry["status"] for entry in asked]


def test_a_worker_killed_while_the_gateway_holds_its_answer(shop: Shop, stack: Stack) -> None:
    bill = shop.bill()
    fault = shop.fault(bill, delay_ms=2500)
    payment = shop.written(bill, CARD)
    shop.hurry()
    worker = stack.start_worker()
    eventually(lambda: len(shop.intents()) == 1)
    assert payment.row.channel_id is None, "the gateway has it, and nobody here knows"
    worker.kill()
    shop.hurry()
    stack.start_worker()
    eventually(lambda: met_itself(shop, bill))
    shop.sandbox.clear_fault(fault)
    eventually(lambda: later(shop) and shop.bill_of(bill).state == "paid")
    assert len(shop.intents()) == 1
    assert [row.amount for row in shop.rows(Posting) if row.reason == "payment.received"].count(1000) == 1
    shop.check_books()


def test_the_worker_alone_pays_cancels_and_refunds(shop: Shop, stack: Stack) -> None:
    paid, ended = shop.bill(), shop.bill()
    done, waiting = shop.written(paid, CARD), shop.begun(ended)
    shop.hurry()
    run(shop.tenant, lambda opened: request_cancel(opened, ended.id))
    stack.start_worker()
    eventually(lambda: shop.bill_of(paid).state == "paid" and shop.bill_of(ended).state == "canceled")
    run(shop.tenant, lambda opened: request_refund(opened, paid.id, 1000, "test"))
    eventually(lambda: later(shop) and done.row.refunded == 1000)
    assert waiting.at_gateway().status == "canceled"
    shop.check_books()
