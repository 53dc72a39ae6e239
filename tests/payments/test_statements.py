"""How many statements a request costs: few, and as many for the tenth payment as for the first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import has_request_context, request
from sqlalchemy import event

from app.core.unit import database, run
from app.payments.api import request_cancel, request_refund
from tests.payments.shop import Shop

BEGINNING = "BEGIN"
HEARING = "/gateway-webhooks/"
"""What the gateway tells arrives when it will, in this process too."""


@contextmanager
def counted(hearing: bool) -> Iterator[list[str]]:
    """The statements of this process while `hearing` the gateway, or of all else, without those that open a
    transaction.
    """
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if hearing is not (has_request_context() and HEARING in request.path):
            return
        if not statement.startswith(BEGINNING) and " traffic " not in statement:  # asked for once in many requests
            seen.append(statement)

    engine = database().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def cost(act: Callable[[], Any], *, hearing: bool = False) -> int:
    with counted(hearing) as seen:
        act()
    assert seen
    return len(seen)


def test_paying_by_card(shop: Shop) -> None:
    bill = shop.bill()
    assert cost(lambda: shop.pay(bill, "card")) <= 35


def test_a_webhook(shop: Shop) -> None:
    payment = shop.begun(shop.bill())
    told = payment.told("processing")
    assert cost(lambda: shop.hear(told), hearing=True) <= 8
    assert cost(lambda: shop.hear(told), hearing=True) <= 6
    assert cost(lambda: shop.hear({"object": "charge", "id": "ch_1"}), hearing=True) <= 5
    assert cost(lambda: shop.post_webhook(b"{}", "t=1,v1=" + "0" * 64), hearing=True) == 1


def test_reading(shop: Shop) -> None:
    bill = shop.bill()
    payment = shop.begun(bill)
    assert cost(lambda: shop.get(f"/bills/{bill}")) <= 3
    assert cost(lambda: shop.get(f"/payments/{payment.id}")) <= 3


def test_it_does_not_grow_with_the_payments_of_a_bill(shop: Shop) -> None:
    bill = shop.bill()
    declined = {"card": "pm_card_chargeDeclined"}
    shop.get(f"/bills/{bill}")  # the first request of a day notes the day
    first = cost(lambda: shop.pay(bill, "card", **declined))
    for _ in range(8):
        assert shop.pay(bill, "card", **declined).status_code == 201
    assert cost(lambda: shop.pay(bill, "card", **declined)) == first
    assert len(shop.intents()) == 10


def test_canceling_and_refunding_inside_another_unit(shop: Shop) -> None:
    bill, other = shop.bill(), shop.bill()
    for _ in range(3):
        shop.begun(bill)
    assert cost(lambda: run(shop.tenant, lambda opened: request_cancel(opened, bill.id))) <= 5
    shop.pay(other, "card")
    assert cost(lambda: run(shop.tenant, lambda opened: request_refund(opened, other.id, 1, "test"))) <= 6
