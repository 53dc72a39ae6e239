"""Money that no attempt brought back: people see it, and it is owed until it went back, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app.core.backlog import backlog
from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.unit import Caller, database
from app.edge.exporting import Whose
from app.identity.api import Role
from app.payments.api import BILL_PAID, BILL_REFUNDED
from app.payments.closing import CLOSING
from app.payments.ids import refund_id
from app.payments.models import Refund
from app.payments.rules.refunds import OtherwiseReason
from app.payments.service import refunds
from app.payments.service.otherwise import Transfer, pay_otherwise
from tenants.models import Staff
from tests.architecture.cast import employed, staff_token
from tests.payments.shop import Shop
from tests.payments.test_refunds import payment, refund, settled

TRANSFER = Transfer(OtherwiseReason.CHANNEL_CLOSED, "2026112200017")


def test_a_refund_that_fails_again_and_again_is_left_to_people(shop: Shop, bill: PublicId) -> None:
    shop.fault(bill, refund_fail=100)
    refund(shop, bill, 400)
    with capture_logs() as logs:
        assert settled(shop) == ["failed"] * 5
    assert [entry["final"] for entry in logs if entry["event"] == "refund_failed"] == [False] * 4 + [True]
    assert (payment(shop).row.in_flight, shop.balance("payers")) == (400, -400)
    shop.check_books()


def given_up(shop: Shop, bill: PublicId, amount: int = 400) -> PublicId:
    """The last attempt of a refund that failed each time; another one would not."""
    shop.fault(bill, refund_fail=5)
    refund(shop, bill, amount)
    settled(shop)
    return refund_id(shop.refunds()[-1])


def waiting(shop: Shop) -> int:
    """How many refunds of all tenants are given up, as those see it who run the platform."""
    tables = (Refund.metadata.tables["refunds"],)
    return backlog(shop.platform.discovery, tables, database().clock.now()).given_up["refunds"]


def test_what_was_given_up_is_tried_anew_once_and_whoever_waits_hears(shop: Shop, bill: PublicId) -> None:
    before = waiting(shop)
    known = given_up(shop, bill)
    after = waiting(shop)
    assert after == before + 1
    assert [row.given_up_at is not None for row in shop.refunds()] == [False] * 4 + [True]
    assert shop.entries().count("refund.given_up") == 1
    together = Barrier(2)

    def ask() -> bool:
        together.wait(5)
        try:
            refunds.retry(known, Caller("system:test"))
        except WrongState as raised:
            assert raised.code == "refund_not_given_up"
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(ask) for _ in range(2)]
        assert sorted(result.result() for result in results) == [False, True]
    assert settled(shop) == ["failed"] * 5 + ["succeeded"]
    assert (shop.news(), payment(shop).row.refunded, shop.at_gateway()) == ([BILL_PAID, BILL_REFUNDED], 400, 600)
    shop.check_books()


def test_what_was_given_up_keeps_its_place(shop: Shop, bill: PublicId) -> None:
    """It is owed: another wish takes nothing of it, so that it can always still be brought."""
    known = given_up(shop, bill, 600)
    with pytest.raises(WrongState) as raised:
        refund(shop, bill, 401)
    assert raised.value.code == "refund_exceeds_paid"
    refund(shop, bill, 400)
    refunds.retry(known, Caller("system:test"))
    settled(shop)
    assert (payment(shop).row.refunded, payment(shop).row.in_flight, shop.at_gateway()) == (1000, 0, 0)
    with pytest.raises(NotFound):
        refunds.retry(PublicId("ref", shop.tenant, new_id()), Caller("system:test"))


def test_what_can_never_go_back_is_paid_otherwise(shop: Shop, bill: PublicId) -> None:
    """Of whoever has it tried anew and whoever paid it past the gateway at that moment one comes too late."""
    known, before = given_up(shop, bill), waiting(shop)
    assert list(CLOSING.blockers(Whose(shop.payer, (shop.tenant.require_tenant(),)))) == []
    together = Barrier(2)

    def act(what: Callable[[], object]) -> bool:
        together.wait(5)
        try:
            what()
        except WrongState as raised:
            assert raised.code == "refund_not_given_up"
            return False
        return True

    by = Caller("system:test")
    with ThreadPoolExecutor(2) as pool:
        retried = pool.submit(act, lambda: refunds.retry(known, by))
        transferred = pool.submit(act, lambda: pay_otherwise(known, TRANSFER, by))
        paid = transferred.result()
        assert paid is not retried.result()
    assert settled(shop) == ["failed"] * 4 + (["paid_otherwise"] if paid else ["failed", "succeeded"])
    counters = payment(shop).row
    assert (counters.refunded, counters.in_flight, shop.balance("payers")) == (400, 0, 0)
    assert (shop.at_gateway(), shop.balance("transfers")) == ((1000, -400) if paid else (600, 0))
    assert (shop.news(), waiting(shop)) == ([BILL_PAID, BILL_REFUNDED], before - 1)
    shop.check_books()


def test_a_supervisor_notes_what_was_paid_otherwise_once(shop: Shop, bill: PublicId) -> None:
    known, key = given_up(shop, bill), new_id().hex
    clerk, supervisor = (employed(shop.tenant, [one]) for one in (Role.FINANCE_CLERK, Role.FINANCE_SUPERVISOR))
    body = {"reason": "channel_closed", "reference": TRANSFER.reference}

    def ask(by: Staff, key: str = "", **more: str) -> TestResponse:
        sent = {"Authorization": f"Bearer {staff_token(by)}", "Idempotency-Key": key or new_id().hex}
        return shop.web.test_client().post(f"/api/v1/refunds/{known}/transfer", json=body | more, headers=sent)

    refused = [ask(clerk), ask(supervisor, reason="other"), ask(supervisor, reference="张三 6222")]
    assert [answer.status_code for answer in refused] == [403, 422, 422]
    first, again = ask(supervisor, key), ask(supervisor, key)
    assert (first.status_code, first.json) == (200, again.json)
    told = {"id": str(known), "state": "paid_otherwise", "otherwise_reason": "channel_closed", "given_up_at": None}
    assert first.json and first.json.items() >= (told | {"transfer_reference": TRANSFER.reference}).items()
    late = ask(supervisor)
    assert late.json and (late.status_code, late.json["code"]) == (409, "refund_not_given_up")
    assert (shop.balance("transfers"), shop.entries().count("refund.paid_otherwise")) == (-400, 1)
    row = shop.refunds()[-1]
    shop.hear(payment(shop).refund_told(row, "succeeded"))
    assert (payment(shop).row.refunded, shop.refunds()[-1].state) == (400, "paid_otherwise")
    with pytest.raises(WrongState):
        refunds.retry(known, Caller("system:test"))
    with pytest.raises(WrongState):
        refund(shop, bill, 601)
    shop.check_books()
