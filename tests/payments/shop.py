"""A hospital with an account at the sandbox gateway and one payer; what tests do to them and look at."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.core.idempotency import Answered, KeyedEffect
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.identity.api import person_actor
from app.identity.models import Person
from app.identity.service.tokens import issue_person_token
from app.payments.api import BillLine, open_bill
from app.payments.calls import Account
from app.payments.ids import bill_id, payment_id
from app.payments.models import Bill, GatewayFact, MerchantAccount, Payment, Posting, Refund
from app.payments.names import ACCOUNT_ID, PAYMENT_ID
from app.payments.repository import locked_payment
from app.payments.rules.payments import PaymentState
from app.payments.service.accounts import add_secret
from app.payments.service.driving import drive_due
from app.payments.service.hearing import apply_due
from app.payments.service.moving import move_payment
from app.payments.service.paying import Way, begin
from tenants.api import Kind
from tests.architecture.cast import opened_tenant
from tests.core.journal.scenes import rows
from tests.payments.begun import Begun
from tests.payments.gateway import signing
from tests.payments.gateway.partner import Sandbox, ask
from tests.platform import Platform

SECRET = "whsec_of_this_shop_0123456789"
PURPOSE = "apt"


def signed_in(opened: Unit) -> str:
    """Make the person of the unit, and a token of theirs."""
    opened.add(Person(version=1, created_at=opened.now, phone=b"unread", locale="zh-CN"))
    opened.session.flush()
    return str(issue_person_token(opened))


@dataclass
class Shop:
    """One tenant, its merchant account, and a payer with a token."""

    platform: Platform
    sandbox: Sandbox
    web: Flask
    address: str
    """Where the web application listens for webhooks."""
    tenant: Scope = field(default_factory=lambda: opened_tenant(Kind.HOSPITAL))
    payer: uuid.UUID = field(default_factory=new_id)

    def __post_init__(self) -> None:
        """Open the account at the gateway and here."""
        self.key = self.sandbox.open_account()
        self.account = self.open_account(self.key)
        self.token = run(Scope.for_person(self.payer), signed_in)

    def open_account(self, key: str, url: str = "") -> PublicId:
        """A merchant account of this tenant."""
        own = PublicId(ACCOUNT_ID, self.tenant, new_id())
        add_secret(own, SECRET)

        def work(opened: Unit) -> None:
            place = f"{self.tenant}/merchant_accounts/api_key/{own.id}"
            sealed = opened.cipher.seal(key.encode(), place)
            opened.add(
                MerchantAccount(
                    id=own.id, url=url or self.sandbox.url, api_key=sealed, version=1, created_at=opened.now
                )
            )  # fmt: skip

        run(self.tenant, work)
        return own

    def listen(self) -> None:
        """Have the gateway tell this platform what happens."""
        url = f"{self.address}/api/v1/gateway-webhooks/{self.account}"
        wish = {"api_key": self.key, "url": url, "secret": SECRET}
        self.sandbox.post("/sandbox/webhook_endpoints", wish).raise_for_status()

    def bill(self, amount: int = 1000) -> PublicId:
        """A bill in two lines."""
        lines = [BillLine("registration", "挂号费", amount // 3), BillLine("service", "诊察费", amount - amount // 3)]
        purpose = PublicId(PURPOSE, self.tenant, new_id())
        narrow = Scope.for_tenant(self.tenant.require_tenant(), as_resident=self.payer)
        return bill_id(run(narrow, lambda opened: open_bill(opened, payer=self.payer, purpose=purpose, lines=lines)))

    def fault(self, bill: PublicId, **settings: Any) -> str:
        """Set the gateway's dial for everything about one bill."""
        answer = self.sandbox.post("/sandbox/faults", {"metadata": {"bill": str(bill)}, **settings})
        answer.raise_for_status()
        return str(answer.json()["id"])

    def pay(self, bill: PublicId, method: str = "wechat_pay", key: str | None = None, **more: Any) -> TestResponse:
        """The payer begins a payment."""
        body: dict[str, Any] = {"method": method, **more}
        if method == "card":
            body.setdefault("card", "pm_card_visa")
        if method == "alipay":
            body.setdefault("return_url", "http://127.0.0.1/back")
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or uuid.uuid4().hex}
        return self.web.test_client().post(f"/api/v1/bills/{bill}/payments", json=body, headers=headers)

    def cancel(self, payment: Begun, key: str | None = None) -> TestResponse:
        """The payer gives a payment up."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or uuid.uuid4().hex}
        return self.web.test_client().post(f"/api/v1/payments/{payment.id}/cancellation", headers=headers)

    def written(self, bill: PublicId, way: Way | None = None, key: str | None = None) -> Begun:
        """A payment whose request died before it called the gateway."""
        effect = KeyedEffect(
            person_actor(Scope.for_person(self.payer)),
            key or uuid.uuid4().hex,
            "POST",
            lambda _: Answered(201, {}, b""),
        )
        row = run(self.tenant, lambda opened: begin(opened, bill.id, self.payer, way or Way("wechat_pay"), effect))
        return Begun(self, payment_id(row))

    def fail(self, payment: Begun) -> None:
        """Let an attempt have failed before it reached the gateway."""

        def work(opened: Unit) -> None:
            bill, known = locked_payment(opened, payment.id.id) or pytest.fail("no such payment")
            move_payment(opened, bill, known, PaymentState.FAILED, "test")

        run(self.tenant, work)

    def begun(self, bill: PublicId, method: str = "wechat_pay", **more: Any) -> Begun:
        """A payment that was begun, by its id and the gateway's."""
        answer = self.pay(bill, method, **more)
        assert answer.status_code == 201, answer.data
        return self.of(answer)

    def of(self, answer: TestResponse) -> Begun:
        """The payment that an answer shows."""
        assert answer.json, answer.data
        return Begun(self, PublicId.parse(answer.json["id"], PAYMENT_ID))

    def get(self, path: str, token: str | None = None) -> TestResponse:
        """GET a path of the API as the payer."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.web.test_client().get(f"/api/v1{path}", headers=headers)

    def hear(self, thing: dict[str, Any], name: str = "", **more: Any) -> TestResponse:
        """A webhook with `thing`, signed as the gateway would."""
        payload = signing.event(thing, id=name or f"evt_{uuid.uuid4().hex}", **more)
        return self.post_webhook(payload, signing.header(payload, SECRET, int(time.time())))

    def post_webhook(self, payload: bytes, signature: str, account: PublicId | None = None) -> TestResponse:
        """Any bytes at the webhook's door."""
        path = f"/api/v1/gateway-webhooks/{account or self.account}"
        return self.web.test_client().post(path, data=payload, headers={"Stripe-Signature": signature})

    def hurry(self) -> None:
        """Let the time pass that payments, refunds and facts of this tenant wait."""

        def work(opened: Unit) -> None:
            for model in (Payment, Refund, GatewayFact):
                table: Any = model.__table__
                waiting = (table.c.tenant_id == self.tenant.tenant, table.c.due_at.is_not(None))
                opened.session.execute(update(table).where(*waiting).values(due_at=opened.now))

        run(self.tenant, work)

    def work(self) -> int:
        """One round of the worker after a wait."""
        self.hurry()
        return apply_due(self.tenant) + drive_due(self.tenant)

    def rows(self, model: type[Any]) -> list[Any]:
        """All rows of this tenant, oldest first."""
        with unit(self.tenant) as reading:
            return reading.all(reading.select(model).order_by(model.id))

    def bill_of(self, bill: PublicId) -> Bill:
        """The bill as it is now."""
        found: Bill = next(row for row in self.rows(Bill) if row.id == bill.id)
        return found

    def refunds(self) -> list[Refund]:
        """All refunds as they are now."""
        return self.rows(Refund)

    def news(self) -> list[str]:
        """The types of all relays that this tenant gave, oldest first; nothing seals here."""
        query = "SELECT relays FROM journal_pending WHERE tenant_id = %s ORDER BY id"
        return [relay["type"] for (relays,) in rows(self.platform, query, self.tenant.tenant) for relay in relays]

    def entries(self) -> list[str]:
        """The types of all entries, oldest first."""
        query = "SELECT type FROM journal_pending WHERE tenant_id = %s ORDER BY id"
        return [type for (type,) in rows(self.platform, query, self.tenant.tenant)]

    def verdicts(self) -> list[str]:
        """What came of every fact that is kept."""
        return [row.verdict for row in self.rows(GatewayFact)]

    def balance(self, account: str) -> int:
        """The sum of all postings to the accounts that begin so."""
        return sum(int(row.amount) for row in self.rows(Posting) if row.account.startswith(account))

    def client(self) -> Any:
        """A client of the account at the gateway."""
        return Account(self.account.id, self.sandbox.url, self.key).client()

    def at_gateway(self) -> int:
        """What the gateway itself says that it holds for this account: received less refunded, in fen."""
        intents = self._list("payment_intents")
        refunds = [item for item in self._list("refunds") if item["status"] == "succeeded"]
        return sum(int(item["amount_received"]) for item in intents) - sum(int(item["amount"]) for item in refunds)

    def _list(self, what: str) -> list[dict[str, Any]]:
        answer = ask("GET", f"{self.sandbox.url}/v1/{what}", params={"limit": 100}, auth=(self.key, ""))
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    def intents(self) -> list[dict[str, Any]]:
        """All intents of the account at the gateway, newest first."""
        return self._list("payment_intents")

    def check_books(self) -> None:
        """Every transaction sums to zero, and the clearing account is what the gateway holds."""
        sums: dict[Any, int] = {}
        for row in self.rows(Posting):
            sums[(row.subject_id, row.reason)] = sums.get((row.subject_id, row.reason), 0) + row.amount
        assert set(sums.values()) <= {0}
        assert self.balance("clearing:") == self.at_gateway()
        for payment in self.rows(Payment):
            assert payment.refunded + payment.in_flight <= payment.paid
