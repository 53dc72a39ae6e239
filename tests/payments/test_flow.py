"""A bill is paid by each method, fails, and goes back, over HTTP and through the real gateway."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from app.core.errors import Problem, WrongState
from app.core.idempotency import Answered, KeyedEffect
from app.core.ids import PublicId, new_id
from app.core.journal.record import open_chain
from app.core.scope import Scope
from app.core.unit import SYSTEM, run
from app.payments.api import BILL_PAID, BILL_REFUNDED, PAYMENT_ID, BillLine, open_bill, request_refund
from app.payments.ids import payment_id
from app.payments.service.paying import Way, pay
from tests.core.journal.scenes import eventually, rows
from tests.edge.caller import Caller
from tests.identity.oidc.apps import BACK, VERIFIER, grant, register
from tests.payments.begun import Begun
from tests.payments.shop import Shop
from tests.tenants.world import at_once


def test_a_card_pays_at_once(shop: Shop) -> None:
    bill = shop.bill(1001)
    answer = shop.pay(bill, "card")
    assert answer.status_code == 201, answer.data
    assert answer.json and (answer.json["state"], answer.json["amount"], answer.json["bill"]) == (
        "succeeded",
        1001,
        str(bill),
    )
    shown = shop.get(f"/bills/{bill}").json
    assert shown and (shown["state"], shown["paid"], shown["refunded"]) == ("paid", 1001, 0)
    assert sum(line["amount"] for line in shown["lines"]) == shown["total"] == 1001
    assert shop.news() == [BILL_PAID]
    assert shop.balance("income:") == -1001
    assert shop.balance("payers") == 0
    shop.check_books()


@pytest.mark.parametrize("method", ["alipay", "wechat_pay"])
def test_a_wallet_pays_when_the_payer_acts(shop: Shop, method: str) -> None:
    shop.listen()
    bill = shop.bill()
    answer = shop.pay(bill, method)
    assert answer.json and answer.json["state"] == "requires_action", answer.data
    action = answer.json["next_action"]
    assert action["redirect_url" if method == "alipay" else "qr_data"].startswith(shop.sandbox.url)
    payment = shop.of(answer)
    assert shop.get(f"/payments/{payment.id}").json["next_action"] == action  # type: ignore[index]  # it has a body
    assert payment.phone() == 200
    eventually(lambda: shop.bill_of(bill).state == "paid")
    assert shop.get(f"/payments/{payment.id}").json["next_action"] is None  # type: ignore[index]  # it has a body
    assert shop.news() == [BILL_PAID]
    shop.check_books()


def test_a_declined_card_fails_and_another_pays(shop: Shop) -> None:
    bill = shop.bill()
    declined = shop.pay(bill, "card", card="pm_card_chargeDeclinedInsufficientFunds").json
    assert declined and (declined["state"], declined["failure"]) == ("failed", "insufficient_funds")
    assert shop.bill_of(bill).state == "open"
    paid = shop.pay(bill, "card").json
    assert paid and paid["state"] == "succeeded"
    shop.check_books()


def test_a_declined_wallet_fails(shop: Shop) -> None:
    shop.listen()
    payment = shop.begun(shop.bill())
    assert payment.phone("decline") == 200
    eventually(lambda: payment.state == "failed")
    assert "payment.failed" in shop.entries()


def test_the_same_key_is_the_same_payment(shop: Shop) -> None:
    bill = shop.bill()
    first, again = shop.pay(bill, key="one"), shop.pay(bill, key="one")
    assert first.json and again.json and again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == {name: value for name, value in first.json.items() if name != "next_action"}
    assert len(shop.intents()) == 1


def test_the_same_key_for_another_request_is_refused_before_anything_happens(shop: Shop) -> None:
    bill, other = shop.bill(), shop.bill()
    shop.begun(bill, key="one")
    for refused in (shop.pay(other, key="one"), shop.pay(bill, "card", key="one")):
        assert refused.status_code == 422 and refused.json and refused.json["code"] == "idempotency_key_reused"
    assert len(shop.intents()) == 1


def test_a_key_whose_time_is_over_is_free_but_stands_for_a_payment_that_may_bring_money(shop: Shop) -> None:
    bill, other = shop.bill(), shop.bill()
    payment = shop.begun(bill, key="one")
    payment.age(timedelta(hours=23))
    overdue = "UPDATE idempotency_keys SET due_at = due_at - interval '25 hours' WHERE tenant_id = %s"
    rows(shop.platform, overdue, shop.tenant.tenant)
    assert shop.pay(other, key="one").status_code == 422, "the payment is younger than a day"
    payment.age(timedelta(hours=2))
    assert shop.of(shop.pay(bill, key="one")).id == payment.id
    assert shop.pay(other, key="one").status_code == 422, "it was just used again"
    rows(shop.platform, overdue, shop.tenant.tenant)
    another = shop.of(shop.pay(other, key="one"))
    assert (another.id, len(shop.intents())) != (payment.id, 1)
    assert shop.of(shop.pay(other, key="one")).id == another.id
    another.age(timedelta(hours=25))
    rows(shop.platform, overdue, shop.tenant.tenant)
    shop.cancel(another)
    assert shop.of(shop.pay(other, key="one")).id != another.id, "nothing comes of what was canceled"


def test_one_key_of_who_acts_for_two_stands_for_one_payment(shop: Shop) -> None:
    """A guardian's requests have the guardian's keys, whoever they act for; none blocks another's bill for ever."""
    bills = {shop.payer: shop.bill()}
    shop.payer = new_id()
    bills[shop.payer] = shop.bill()
    one, other = bills

    def pays(child: uuid.UUID, key: str, bill: PublicId | None = None) -> str:
        effect = KeyedEffect("person:guardian", key, str(child), lambda _: Answered(201, {}, b""))
        try:
            return str(payment_id(pay(bill or bills[child], child, Way("wechat_pay"), SYSTEM, effect).payment))
        except Problem as refused:
            return refused.code

    first = Begun(shop, PublicId.parse(pays(one, "a"), PAYMENT_ID))
    rows(shop.platform, "DELETE FROM idempotency_keys WHERE tenant_id = %s", shop.tenant.tenant)
    assert pays(other, "a") == "idempotency_key_reused", "also where the first request died before it took its key"
    first.age(timedelta(hours=25))
    assert pays(other, "a").startswith("pay_")
    raced = at_once(partial(pays, one, "b"), partial(pays, other, "b"))
    assert sorted(each.split("_")[0] for each in raced) == ["idempotency", "pay"]
    assert pays(other, "c", bills[one]) == "not_found"


def test_a_request_leaves_the_search_for_a_payment_to_the_worker(shop: Shop) -> None:
    bill = shop.bill()
    payment = shop.written(bill, key="one")
    payment.age(timedelta(hours=21))
    shown = shop.pay(bill, key="one").json
    assert shown and (shown["id"], shown["state"], payment.row.tries) == (str(payment.id), "created", 0)
    shop.work()
    assert (payment.state, shop.intents()) == ("failed", [])


def test_a_paid_bill_takes_no_further_payment(shop: Shop) -> None:
    bill = shop.bill()
    shop.pay(bill, "card")
    refused = shop.pay(bill, "card")
    assert refused.status_code == 409 and refused.json and refused.json["code"] == "bill_not_open"


def test_three_payments_of_a_bill_may_be_under_way_and_the_payer_ends_one_for_another(shop: Shop) -> None:
    bill = shop.bill()
    assert [shop.pay(bill).status_code for _ in range(4)] == [201, 201, 201, 409]
    listed = shop.get(f"/bills/{bill}/payments").json
    assert listed
    assert [(one["state"], bool(one["next_action"])) for one in listed["data"]] == [("requires_action", True)] * 3
    oldest = Begun(shop, PublicId.parse(listed["data"][0]["id"], PAYMENT_ID))
    first, again = shop.cancel(oldest, key="one"), shop.cancel(oldest, key="one")
    assert first.json and (first.status_code, first.json["state"], first.json["stopping"]) == (200, "canceled", False)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert oldest.at_gateway().status == "canceled"
    assert shop.bill_of(bill).state == "open" and shop.entries().count("payment.stopping") == 1
    assert shop.pay(bill, "card").status_code == 201
    assert shop.get(f"/bills/{bill}").json["paid"] == 1000  # type: ignore[index]  # it has a body


def test_a_bill_is_not_for_trying_out_cards(shop: Shop) -> None:
    bill = shop.bill()
    attempts = []
    for _ in range(20):
        attempts.append(shop.written(bill))
        shop.fail(attempts[-1])
    attempts[0].age(timedelta(hours=23))
    refused = shop.pay(bill, "card")
    assert refused.status_code == 409 and refused.json and refused.json["code"] == "too_many_payments"
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    attempts[0].age(timedelta(hours=1))
    assert [shop.pay(bill, "card").status_code for _ in range(2)] == [201, 409], "one more, and it is paid"


def test_without_a_merchant_account_nobody_can_pay(open_shop: Callable[[], Shop]) -> None:
    shop, other = open_shop(), open_shop()
    shop.tenant = Scope.for_tenant(other.tenant.require_tenant() ^ 1)
    run(shop.tenant, open_chain)
    refused = shop.pay(shop.bill())
    assert refused.status_code == 409 and refused.json and refused.json["code"] == "no_merchant_account"


def test_a_refund_goes_back_by_the_payment(shop: Shop) -> None:
    shop.listen()
    bill = shop.bill(1000)
    shop.pay(bill, "card")
    run(shop.tenant, lambda opened: request_refund(opened, bill.id, 300, "appointment_canceled"))
    shop.work()
    eventually(lambda: shop.refunds()[0].state == "succeeded")
    shown = shop.get(f"/bills/{bill}").json
    assert shown and (shown["paid"], shown["refunded"], shown["state"]) == (1000, 300, "paid")
    assert shop.news() == [BILL_PAID, BILL_REFUNDED]
    assert shop.balance("refunds") == 300
    assert shop.balance("payers") == 0
    shop.check_books()


def test_a_payer_may_ask_for_a_refund_in_their_own_unit(shop: Shop) -> None:
    bill = shop.bill()
    shop.pay(bill, "card")
    narrow = Scope.for_tenant(shop.tenant.require_tenant(), as_resident=shop.payer)
    run(narrow, lambda opened: request_refund(opened, bill.id, 1000, "appointment_canceled"))
    with pytest.raises(WrongState) as refused:
        run(narrow, lambda opened: request_refund(opened, bill.id, 1, "again"))
    assert refused.value.code == "refund_exceeds_paid"


@pytest.mark.parametrize("amounts", [[], [0], [1, -1], [100, -1], [10**11]])
def test_what_comes_to_nothing_or_too_much_is_no_bill(shop: Shop, amounts: list[int]) -> None:
    lines = [BillLine("fee", "费", amount) for amount in amounts]
    purpose = PublicId("apt", shop.tenant, new_id())
    with pytest.raises(ValueError, match="fen"):
        run(shop.tenant, lambda opened: open_bill(opened, payer=shop.payer, purpose=purpose, lines=lines))


def test_strangers_see_and_pay_nothing(open_shop: Callable[[], Shop]) -> None:
    shop, stranger = open_shop(), open_shop()
    bill = shop.bill()
    payment = shop.begun(bill)
    assert stranger.get(f"/bills/{bill}").status_code == 404
    assert stranger.get(f"/payments/{payment.id}").status_code == 404
    assert stranger.get(f"/bills/{bill}/payments").status_code == 404
    assert stranger.cancel(payment).status_code == 404
    assert stranger.pay(bill, "card").status_code == 404
    assert stranger.pay(PublicId("bil", Scope.for_person(stranger.payer), new_id())).status_code == 404
    assert len(shop.intents()) == 1


def test_staff_see_the_bills_of_their_own_tenant_and_need_the_right(open_shop: Callable[[], Shop]) -> None:
    shop, other = open_shop(), open_shop()
    bill = shop.bill()
    payment = shop.begun(bill)
    clerk = Caller(shop.web, shop.tenant, ("bills.read", "bills.read_all"))
    nosy = Caller(shop.web, shop.tenant, ("bills.read",))
    stranger = Caller(shop.web, other.tenant, ("bills.read", "bills.read_all"))
    for path in (f"/bills/{bill}", f"/bills/{bill}/payments", f"/payments/{payment.id}"):
        assert [caller.get(path).status_code for caller in (clerk, nosy, stranger)] == [200, 403, 404]


def app_token(shop: Shop) -> str:
    """A token of an app that the payer allowed to read their bills."""
    scopes = ("openid", "bills.read")
    made = register(scopes=scopes)
    code = grant(made, scopes, Scope.for_person(shop.payer)).code
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    auth = (str(made.app.public_id), made.client_secret or "")
    answer = shop.web.test_client().post("/oauth/token", data=form, auth=auth)
    return str(answer.json["access_token"])  # type: ignore[index]  # it has a body


def test_what_the_payer_must_do_is_told_to_who_pays_alone(shop: Shop) -> None:
    """Whoever has that address or code acts as the payer."""
    bill = shop.bill()
    payment = shop.begun(bill)
    clerk = Caller(shop.web, shop.tenant, ("bills.read", "bills.read_all", "bills.pay"))
    for token, told in ((clerk.token, False), (app_token(shop), False), (shop.token, True)):
        one, listed = shop.get(f"/payments/{payment.id}", token).json, shop.get(f"/bills/{bill}/payments", token).json
        assert one and listed and [bool(each["next_action"]) for each in (one, *listed["data"])] == [told] * 2


def test_a_system_pays_no_bill(shop: Shop) -> None:
    system = Caller(shop.web, shop.tenant, ("bills.pay",))
    assert system.post(f"/bills/{shop.bill()}/payments", {"method": "wechat_pay"}).status_code == 403
    assert shop.intents() == []
