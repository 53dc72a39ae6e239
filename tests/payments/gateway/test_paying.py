"""Each way to pay, from the wish to the money."""

from __future__ import annotations

import uuid

import pytest

from app.payments.gateway import CardDeclined, GatewayClient, InvalidRequest
from tests.payments.gateway.partner import Merchant, ask

LARGEST = 99_999_999_999


def confirm(merchant: Merchant, intent: str, **method: str) -> None:
    merchant.client.payment_intents.confirm(intent, idempotency_key=uuid.uuid4().hex, **method)


@pytest.mark.parametrize("amount", [1, 1999, LARGEST])
def test_a_card_pays_at_once(merchant: Merchant, amount: int) -> None:
    intent = merchant.create(amount)
    assert (intent.status, intent.amount, intent.currency) == ("requires_payment_method", amount, "cny")
    assert intent.metadata == {"journey": merchant.journey}

    paid = merchant.client.payment_intents.confirm(
        intent.id, idempotency_key="confirm", payment_method="pm_card_unionpay"
    )
    assert (paid.id, paid.status, paid.amount_received) == (intent.id, "succeeded", amount)
    assert paid.latest_charge


def test_alipay_sends_the_payer_to_a_page_and_back(merchant: Merchant) -> None:
    intent = merchant.create()
    waiting = merchant.client.payment_intents.confirm(
        intent.id,
        idempotency_key="confirm",
        payment_method_type="alipay",
        return_url="http://127.0.0.1:9/back",
    )
    assert waiting.status == "requires_action"
    assert waiting.next_action is not None
    page = waiting.next_action.redirect_url
    assert waiting.next_action.kind == "alipay_handle_redirect" and page is not None

    assert "10.00 CNY" in ask("GET", page).text
    back = ask("POST", page, data={"outcome": "succeed"}, allow_redirects=False)
    assert (back.status_code, back.headers["Location"]) == (303, "http://127.0.0.1:9/back")
    assert merchant.reaches(intent.id, "succeeded").amount_received == intent.amount


def test_wechat_pay_shows_a_code_and_passes_through_processing(merchant: Merchant) -> None:
    waiting = merchant.awaiting()
    assert waiting.next_action is not None
    assert waiting.next_action.kind == "wechat_pay_display_qr_code"
    assert waiting.next_action.qr_data == f"{merchant.sandbox.url}/sandbox/pay/{waiting.id}"

    assert merchant.sandbox.pay(waiting.id).json()["status"] == "processing"
    merchant.reaches(waiting.id, "succeeded")
    told = [event.type for event in merchant.client.events.list().events]
    assert told == [f"payment_intent.{step}" for step in ("succeeded", "processing", "requires_action", "created")]


def test_a_declined_card_may_be_followed_by_another(merchant: Merchant) -> None:
    intent = merchant.create()
    with pytest.raises(CardDeclined) as declined:
        confirm(merchant, intent.id, payment_method="pm_card_chargeDeclinedInsufficientFunds")
    assert (declined.value.code, declined.value.decline_code) == ("card_declined", "insufficient_funds")
    failed = merchant.client.payment_intents.retrieve(intent.id)
    assert (failed.status, failed.error_code) == ("requires_payment_method", "card_declined")

    confirm(merchant, intent.id, payment_method="pm_card_visa")
    assert merchant.client.payment_intents.retrieve(intent.id).error_code is None


def test_the_dial_declines_the_next_try_only(merchant: Merchant) -> None:
    merchant.fault(decline=1)
    intent = merchant.create()
    with pytest.raises(CardDeclined):
        confirm(merchant, intent.id, payment_method="pm_card_visa")
    confirm(merchant, intent.id, payment_method="pm_card_visa")


def test_a_payer_who_declines_leaves_the_payment_open(merchant: Merchant) -> None:
    waiting = merchant.awaiting()
    merchant.sandbox.pay(waiting.id, "decline")
    failed = merchant.client.payment_intents.retrieve(waiting.id)
    assert (failed.status, failed.error_code) == (
        "requires_payment_method",
        "payment_method_provider_decline",
    )
    assert merchant.sandbox.pay(waiting.id).status_code == 400


def test_what_is_paid_is_frozen(merchant: Merchant) -> None:
    paid = merchant.paid(1000)
    answer = ask(
        "POST",
        f"{merchant.sandbox.url}/v1/payment_intents/{paid.id}",
        data={"amount": "1"},
        auth=(merchant.key, ""),
    )
    assert answer.json()["error"]["code"] == "payment_intent_unexpected_state"
    assert merchant.client.payment_intents.retrieve(paid.id).amount == 1000
    with pytest.raises(InvalidRequest, match="payment_intent_unexpected_state"):
        merchant.client.payment_intents.cancel(paid.id, idempotency_key="cancel")


def test_a_cancelled_payment_takes_no_money(merchant: Merchant) -> None:
    waiting = merchant.awaiting()
    cancelled = merchant.client.payment_intents.cancel(waiting.id, idempotency_key="cancel", reason="abandoned")
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    assert merchant.sandbox.pay(waiting.id).status_code == 400
    with pytest.raises(InvalidRequest):
        confirm(merchant, waiting.id, payment_method="pm_card_visa")


@pytest.mark.parametrize("amount", [0, -1, LARGEST + 1, 2**63, True, 1.0, "5"])
def test_the_client_sends_no_impossible_amount(merchant: Merchant, amount: int) -> None:
    with pytest.raises(ValueError, match="fen"):
        merchant.create(amount)
    assert merchant.intents() == []


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "parameter_invalid_integer"),
        ("-1", "parameter_invalid_integer"),
        ("1.5", "parameter_invalid_integer"),
        ("", "parameter_missing"),
        (str(2**63), "amount_too_large"),
        (str(LARGEST + 1), "amount_too_large"),
    ],
)
def test_the_gateway_takes_no_impossible_amount(merchant: Merchant, amount: str, code: str) -> None:
    answer = ask(
        "POST",
        f"{merchant.sandbox.url}/v1/payment_intents",
        data={"amount": amount, "currency": "cny"},
        headers={"Authorization": f"Bearer {merchant.key}"},
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert (error["code"], error["param"]) == (code, "amount")


def test_one_merchant_does_not_see_another(merchant: Merchant) -> None:
    intent = merchant.create()
    stranger = GatewayClient(merchant.sandbox.url, merchant.sandbox.open_account())
    with pytest.raises(InvalidRequest) as refused:
        stranger.payment_intents.retrieve(intent.id)
    assert (refused.value.status, refused.value.code) == (404, "resource_missing")
    assert stranger.events.list().events == ()


@pytest.mark.parametrize("intent", ["", "../events", "pi_1/cancel", "pi_1?x", "é"])
def test_an_id_is_no_way_to_another_path(merchant: Merchant, intent: str) -> None:
    with pytest.raises(ValueError, match="an id is"):
        merchant.client.payment_intents.retrieve(intent)


def test_events_come_in_pages_in_both_directions(merchant: Merchant) -> None:
    made = [merchant.create().id for _ in range(3)]
    newest = merchant.client.events.list(limit=2, types=["payment_intent.created"])
    assert [event.object_id for event in newest.events] == [made[2], made[1]]
    assert newest.has_more
    oldest = merchant.client.events.list(starting_after=newest.events[1].id)
    assert [event.object_id for event in oldest.events] == [made[0]]
    assert not oldest.has_more
    following = merchant.client.events.list(ending_before=oldest.events[0].id, limit=1)
    assert [event.object_id for event in following.events] == [made[1]]
