"""Merchant accounts over HTTP: kept secret, one for each request, at known gateways only."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.core.errors import InvalidInput
from app.core.http import Policy
from app.payments.models import GatewayHook, MerchantAccount
from app.payments.service.accounts import checked_url
from tenants.api import Kind
from tests.architecture.cast import opened_tenant
from tests.core.journal.scenes import eventually, rows
from tests.edge.caller import Caller
from tests.payments.gateway import signing
from tests.payments.shop import SECRET, Shop
from tests.payments.test_door import signed

MANAGE = ("merchant_accounts.manage",)
BODY = {"api_key": "sk_test_a_key_of_ours", "webhook_secret": SECRET}


@pytest.fixture
def administrator(shop: Shop) -> Caller:
    return Caller(shop.web, shop.tenant, MANAGE)


@pytest.fixture
def beginner(shop: Shop) -> Caller:
    """Somebody who administers a tenant that has no account yet."""
    return Caller(shop.web, opened_tenant(Kind.HOSPITAL), MANAGE)


def test_an_account_is_opened_once_and_its_secrets_are_never_shown(shop: Shop, beginner: Caller) -> None:
    body = {**BODY, "url": shop.sandbox.url}
    made, again = (beginner.post("/merchant-accounts", body, key="one") for _ in range(2))
    assert made.status_code == 201 and made.json and made.json == again.json
    assert BODY["api_key"] not in made.text and SECRET not in made.text
    listed = beginner.get("/merchant-accounts").json
    assert listed and [item["id"] for item in listed["data"]] == [made.json["id"]]
    answer = shop.web.test_client().post(
        made.json["webhook_path"], data=signing.PAYLOAD, headers={"Stripe-Signature": signed()}
    )
    assert answer.status_code == 200


def test_of_two_first_accounts_at_once_one_is_opened(shop: Shop, beginner: Caller) -> None:
    """Both have looked, or wait to look, before the first of them is written."""
    bodies = [{**BODY, "url": shop.sandbox.url, "api_key": f"sk_test_number_{number}"} for number in range(2)]
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' HAVING count(*) = 2"
    with ThreadPoolExecutor(2) as both:
        with shop.platform.connection() as admin:
            admin.execute("LOCK TABLE merchant_accounts IN SHARE MODE")
            answers = [both.submit(beginner.post, "/merchant-accounts", body) for body in bodies]
            eventually(lambda: shop.platform.looking.execute(waiting).fetchone() is not None)
        done = [answer.result() for answer in answers]
    assert sorted(one.status_code for one in done) == [201, 409]
    (refused,) = (one.json for one in done if one.status_code == 409)
    assert refused and refused["code"] == "account_change_takes_two"
    listed = beginner.get("/merchant-accounts").json
    assert listed and len(listed["data"]) == 1


def test_the_database_holds_no_secret_in_clear(shop: Shop, beginner: Caller) -> None:
    beginner.post("/merchant-accounts", {**BODY, "url": shop.sandbox.url})
    for model in (MerchantAccount, GatewayHook):
        found = rows(shop.platform, f"SELECT t::text FROM {model.__tablename__} t")  # noqa: S608  # our own name
        assert found
        for secret in (BODY["api_key"], SECRET):
            assert not any(secret.encode().hex() in row[0] or secret in row[0] for row in found)


def test_a_key_for_another_request_changes_nothing(shop: Shop, beginner: Caller) -> None:
    made = beginner.post("/merchant-accounts", {**BODY, "url": shop.sandbox.url}, key="one")
    other = {**BODY, "url": shop.sandbox.url, "webhook_secret": "whsec_of_somebody_else"}
    assert beginner.post("/merchant-accounts", other, key="one").status_code == 422
    assert made.json
    secrets = f"/merchant-accounts/{made.json['id']}/webhook-secrets"
    assert beginner.post(secrets, {"webhook_secret": "whsec_of_somebody_else"}, key="one").status_code == 422
    path = made.json["webhook_path"]
    forged = shop.web.test_client().post(
        path, data=signing.PAYLOAD, headers={"Stripe-Signature": signed("whsec_of_somebody_else")}
    )
    assert forged.status_code == 400


def test_a_further_secret_is_believed_beside_the_first(shop: Shop, administrator: Caller) -> None:
    path = f"/merchant-accounts/{shop.account}/webhook-secrets"
    changed = administrator.post(path, {"webhook_secret": "whsec_the_next_one_0"})
    assert changed.status_code == 200 and changed.json and changed.json["version"] == 2
    for secret in ("whsec_the_next_one_0", SECRET):
        assert shop.post_webhook(signing.PAYLOAD, signed(secret)).status_code == 200


def test_nobody_changes_the_account_of_another_tenant(shop: Shop) -> None:
    stranger = Caller(shop.web, permissions=MANAGE)
    path = f"/merchant-accounts/{shop.account}/webhook-secrets"
    assert stranger.post(path, {"webhook_secret": "whsec_of_a_stranger_0"}).status_code == 404
    assert shop.post_webhook(signing.PAYLOAD, signed("whsec_of_a_stranger_0")).status_code == 400


def test_what_is_no_account_is_refused(shop: Shop, beginner: Caller) -> None:
    accounts = [
        {"webhook_secret": ""}, {"webhook_secret": " " * 20}, {"webhook_secret": "short"}, {"api_key": ""},
        {"api_key": "with a space"}, {"url": "ftp://127.0.0.1/"}, {"url": "http://192.0.2.1/"}, {"url": "x"},
    ]  # fmt: skip
    bodies = [{**BODY, "url": shop.sandbox.url, **wrong} for wrong in accounts]
    answers = {str(body): beginner.post("/merchant-accounts", body).status_code for body in bodies}
    assert answers == dict.fromkeys(answers, 422)


def test_production_knows_its_gateways() -> None:
    known = frozenset({"api.stripe.com"})
    assert checked_url("https://API.stripe.com/", Policy.production(), known) == "https://api.stripe.com"
    for url in ("http://api.stripe.com/", "https://gateway.example.com/", "https://127.0.0.1/"):
        with pytest.raises(InvalidInput):
            checked_url(url, Policy.production(), known)


def test_what_is_no_way_to_pay_is_refused(shop: Shop) -> None:
    ways: list[dict[str, Any]] = [
        {"method": "cash"}, {"method": "card"}, {"method": "card", "card": "4242 4242"}, {"method": "alipay"},
        {"method": "alipay", "return_url": "javascript:alert(1)"}, {"method": "wechat_pay", "card": "pm_card_visa"},
        {"method": "wechat_pay", "amount": 1}, {},
    ]  # fmt: skip
    headers, path = {"Authorization": f"Bearer {shop.token}"}, f"/api/v1/bills/{shop.bill()}/payments"

    def asked(number: int) -> int:
        sent = {**headers, "Idempotency-Key": f"way_{number}"}
        return shop.web.test_client().post(path, json=ways[number], headers=sent).status_code

    assert {str(way): asked(number) for number, way in enumerate(ways)} == {str(way): 422 for way in ways}
    assert shop.intents() == []
