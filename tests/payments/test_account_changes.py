"""Where a tenant's money goes is changed by two people: one proposes, a finance supervisor confirms."""

import pytest
from werkzeug.test import TestResponse

from app.core.ids import PublicId, new_id
from app.core.unit import unit
from app.identity.api import Role
from app.payments.models import MerchantAccount
from app.payments.names import ACCOUNT_CHANGE_ID, ACCOUNT_ID
from app.payments.service.accounts import add_secret, secrets_of
from tenants.models import Staff
from tests.architecture.cast import employed, staff_token
from tests.core.journal.scenes import rows
from tests.payments.shop import SECRET, Shop

CHANGES = "/api/v1/merchant-account-changes"
KEY = "sk_test_another_key"


@pytest.fixture
def clerk(shop: Shop) -> Staff:
    return employed(shop.tenant, [Role.FINANCE_CLERK])


@pytest.fixture
def supervisor(shop: Shop) -> Staff:
    return employed(shop.tenant, [Role.FINANCE_SUPERVISOR])


def ask(shop: Shop, by: Staff, path: str, body: object = None, key: str | None = None) -> TestResponse:
    sent = {"Authorization": f"Bearer {staff_token(by)}", "Idempotency-Key": key or new_id().hex}
    return shop.web.test_client().post(path, json=body, headers=sent)


def proposed(shop: Shop, by: Staff) -> str:
    """The path of a proposed account."""
    body = {"url": shop.sandbox.url, "api_key": KEY, "webhook_secret": SECRET}
    answer = ask(shop, by, CHANGES, body)
    assert answer.status_code == 201 and answer.json, answer.text
    assert KEY not in answer.text and SECRET not in answer.text
    return f"{CHANGES}/{answer.json['id']}"


def accounts(shop: Shop) -> list[str]:
    with unit(shop.tenant) as reading:
        rows = reading.all(reading.select(MerchantAccount).order_by(MerchantAccount.created_at))
        return [str(PublicId(ACCOUNT_ID, shop.tenant, row.id)) for row in rows]


def test_another_account_takes_two(shop: Shop, clerk: Staff, supervisor: Staff) -> None:
    administrator = employed(shop.tenant, [Role.TENANT_ADMINISTRATOR])
    body = {"url": shop.sandbox.url, "api_key": KEY, "webhook_secret": SECRET}
    alone = ask(shop, administrator, "/api/v1/merchant-accounts", body)
    assert alone.json and (alone.status_code, alone.json["code"]) == (409, "account_change_takes_two")
    path = proposed(shop, clerk)
    assert accounts(shop) == [str(shop.account)]
    assert ask(shop, clerk, f"{path}/confirmation").status_code == 403
    done = ask(shop, supervisor, f"{path}/confirmation")
    assert done.json and done.json["state"] == "confirmed"
    assert accounts(shop) == [str(shop.account), done.json["merchant_account"]]
    assert secrets_of(PublicId.parse(done.json["merchant_account"], ACCOUNT_ID)) == [SECRET]


def test_nobody_confirms_what_they_proposed(shop: Shop) -> None:
    both = employed(shop.tenant, [Role.FINANCE_CLERK, Role.FINANCE_SUPERVISOR])
    path = proposed(shop, both)
    own = ask(shop, both, f"{path}/confirmation")
    assert own.json and (own.status_code, own.json["code"]) == (403, "own_proposal")
    assert accounts(shop) == [str(shop.account)]


def test_what_was_withdrawn_is_never_opened(shop: Shop, clerk: Staff, supervisor: Staff) -> None:
    path = proposed(shop, clerk)
    assert ask(shop, clerk, f"{path}/withdrawal").status_code == 200
    ended = ask(shop, supervisor, f"{path}/confirmation")
    assert ended.json and (ended.status_code, ended.json["code"]) == (409, "proposal_ended")
    assert accounts(shop) == [str(shop.account)]


def test_who_repeats_a_proposal_when_its_key_is_free_again_makes_no_second_one(shop: Shop, clerk: Staff) -> None:
    """Its id follows from the request, so that its secret is kept once."""
    body = {"url": shop.sandbox.url, "api_key": KEY, "webhook_secret": SECRET}
    made = ask(shop, clerk, CHANGES, body, key="one").json or {}
    ask(shop, clerk, f"{CHANGES}/{made['id']}/withdrawal")
    account = PublicId(ACCOUNT_ID, shop.tenant, PublicId.parse(made["id"], ACCOUNT_CHANGE_ID).id)
    later = ["whsec_third", "whsec_second", "whsec_first"]
    for secret in reversed(later):
        add_secret(account, secret)
    rows(shop.platform, "UPDATE idempotency_keys SET due_at = now() WHERE tenant_id = %s", shop.tenant.tenant)
    again = ask(shop, clerk, CHANGES, body, key="one")
    assert again.json and (again.status_code, again.json["code"]) == (409, "already_proposed")
    assert "has ended" in again.json["detail"]
    assert shop.entries().count("proposal.made") == 1
    assert secrets_of(account) == later, "what is refused changes no secret"


def test_a_supervisor_confirms_and_proposes_nothing(shop: Shop, clerk: Staff, supervisor: Staff) -> None:
    body = {"url": shop.sandbox.url, "api_key": KEY, "webhook_secret": SECRET}
    assert ask(shop, supervisor, CHANGES, body).status_code == 403
    proposed(shop, clerk)
    sent = {"Authorization": f"Bearer {staff_token(supervisor)}"}
    listed = shop.web.test_client().get(CHANGES, headers=sent)
    assert listed.json and [one["state"] for one in listed.json["data"]] == ["proposed"]
    assert KEY not in listed.text
