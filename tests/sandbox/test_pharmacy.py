"""The pharmacy's system as a program, against a stand-in of the platform."""

import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.listening import Credentials
from deploy.demo.partners import Pharmacy
from deploy.processes import NotReady
from tests.sandbox.standin import CLIENT, Call, Json, Problem, StandIn

ASPIRIN = {"medicine": "M1", "name": "阿司匹林", "price": 1250, "stock": 100}
INSULIN = {"medicine": "M2", "name": "胰岛素", "price": 6800, "stock": 1}
OFFERED = "routing_order.offered"


class Desk(StandIn):
    """The platform with the routing orders and products of one pharmacy."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[str, Json] = {}
        self.products: dict[str, Json] = {}
        self.routes += [
            ("POST", r"/products", self._product),
            ("GET", r"/routing-orders/(\w+)", self._order),
            ("POST", r"/routing-orders/(\w+)/(acceptance|declining)", self._answered),
        ]

    def offer(self, *lines: tuple[str, int]) -> Json:
        """Offer an order for so many packs of each medicine; the event of it."""
        order = f"rou_{secrets.token_hex(6)}"
        self.orders[order] = {
            "id": order, "state": "offered", "version": 1,
            "lines": [{"sequence": at, "code": code, "quantity": packs} for at, (code, packs) in enumerate(lines, 1)],
        }  # fmt: skip
        return self.event(OFFERED, order)

    def end(self, order: str, state: str) -> Json:
        """End an order otherwise than by handing it over."""
        self.orders[order]["state"] = state
        return self.event(f"routing_order.{state}", order)

    def _product(self, _: re.Match[str], call: Call) -> Json:
        self.products[call.body["medicine"]] = call.body
        return call.body

    def _order(self, found: re.Match[str], _: Call) -> Json:
        order = self.orders[found[1]]
        known = order["state"] not in ("offered", "declined", "revoked")
        return {**order, "resident_name": "张三" if known else None}

    def _answered(self, found: re.Match[str], call: Call) -> Json:
        order = self.orders[found[1]]
        if order.pop("vanishes", False):
            order["state"] = "revoked"
        if order["state"] != "offered":
            raise Problem(409, "wrong_state")
        order["state"] = {"acceptance": "accepted", "declining": "declined"}[found[2]]
        order["reason"] = call.body.get("reason")
        return order


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Desk() as made:
        yield made


@pytest.fixture(scope="module")
def running(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pharmacy]:
    made = Pharmacy.start(desk.url, CLIENT, [ASPIRIN, INSULIN], tmp_path_factory.mktemp("pharmacy"), 1)
    yield made
    made.process.stop()


@pytest.fixture
def pharmacy(running: Pharmacy) -> Pharmacy:
    running.manner()
    return running


def answered(pharmacy: Pharmacy, event: Json) -> Json:
    """What the system did with the event's order, once it is done with the event."""
    pharmacy.after(event["id"])
    return pharmacy.orders()[event["subject"]]


def test_it_publishes_what_it_sells_and_proves_its_endpoint(desk: Desk, pharmacy: Pharmacy) -> None:
    assert set(desk.products) == {"M1", "M2"}
    assert desk.products["M2"] == INSULIN
    assert [endpoint.state for endpoint in desk.endpoints] == ["active"]
    assert OFFERED in desk.endpoints[0].types


def test_an_order_is_accepted_once_however_often_it_is_heard(desk: Desk, pharmacy: Pharmacy) -> None:
    before = pharmacy.stock()["M1"]
    event = desk.offer(("M1", 2), ("M1", 1))
    assert [desk.deliver(event) for _ in range(3)] == [200] * 3
    found = answered(pharmacy, event)
    assert (found["answer"], found["state"], found["named_before"]) == ("acceptance", "told", False)
    assert pharmacy.after(event["id"])["arrivals"] >= 3
    assert len(desk.made(f"{event['subject']}/acceptance")) == 1
    assert pharmacy.stock()["M1"] == before - 3 == desk.products["M1"]["stock"]


def test_what_is_out_of_stock_is_declined_and_nothing_set_aside(desk: Desk, pharmacy: Pharmacy) -> None:
    before = pharmacy.stock()
    for lines in ([("M1", 1), ("M2", 2)], [("M3", 1)]):
        event = desk.offer(*lines)
        assert desk.deliver(event) == 200
        assert answered(pharmacy, event)["reason"] == "out_of_stock"
        order = desk.orders[event["subject"]]
        assert (order["state"], order["reason"]) == ("declined", "out_of_stock")
    assert pharmacy.stock() == before


@pytest.mark.parametrize("state", ["released", "revoked", "expired"])
def test_what_was_set_aside_returns_once(desk: Desk, pharmacy: Pharmacy, state: str) -> None:
    before = pharmacy.stock()["M1"]
    event = desk.offer(("M1", 5))
    desk.deliver(event)
    assert answered(pharmacy, event)["answer"] == "acceptance"
    assert desk.products["M1"]["stock"] == before - 5
    for ended in (desk.end(event["subject"], state), desk.end(event["subject"], state)):
        desk.deliver(ended)
        pharmacy.after(ended["id"])
    assert pharmacy.stock()["M1"] == before == desk.products["M1"]["stock"]


def test_an_order_that_ended_before_it_was_read_is_left_alone(desk: Desk, pharmacy: Pharmacy) -> None:
    event = desk.offer(("M1", 1))
    desk.orders[event["subject"]]["state"] = "revoked"
    desk.deliver(event)
    assert pharmacy.after(event["id"])["note"] == "was revoked already"
    assert event["subject"] not in pharmacy.orders()


def test_an_order_that_ends_while_it_is_accepted_returns_the_stock(desk: Desk, pharmacy: Pharmacy) -> None:
    before = pharmacy.stock()["M1"]
    event = desk.offer(("M1", 4))
    desk.orders[event["subject"]]["vanishes"] = True
    desk.deliver(event)
    assert answered(pharmacy, event)["state"] == "ended"
    assert pharmacy.stock()["M1"] == before


@pytest.mark.parametrize("fault", [None, 500, 503, 409])
def test_a_call_that_may_succeed_later_is_made_again_under_its_key(
    desk: Desk, pharmacy: Pharmacy, fault: int | None
) -> None:
    before = pharmacy.stock()["M1"]
    desk.failing = [("/acceptance", fault), ("/products", fault)]
    event = desk.offer(("M1", 1))
    desk.deliver(event)
    assert answered(pharmacy, event)["state"] == "told"
    assert desk.failing == []
    (made,) = desk.made(f"{event['subject']}/acceptance")
    assert made.key == f"acceptance-{event['subject']}"
    assert pharmacy.stock()["M1"] == before - 1 == desk.products["M1"]["stock"]


def test_a_token_that_ran_out_is_replaced(desk: Desk, pharmacy: Pharmacy) -> None:
    before = desk.sign_ins
    desk.forget_tokens()
    event = desk.offer(("M1", 1))
    desk.deliver(event)
    assert answered(pharmacy, event)["answer"] == "acceptance"
    assert desk.sign_ins == before + 1


def test_what_another_secret_signed_is_refused_and_not_kept(desk: Desk, pharmacy: Pharmacy) -> None:
    forged = {**desk.feed[-1], "id": "evt_forged", "type": OFFERED, "subject": "rou_x"}
    assert desk.deliver(forged, secret="whsec_" + "A" * 44) == 401
    assert "evt_forged" not in {event["id"] for event in pharmacy.ask("")["events"]}


def test_a_refused_hook_is_made_good_by_the_feed(desk: Desk, pharmacy: Pharmacy) -> None:
    pharmacy.manner(refuse=1)
    event = desk.offer(("M1", 1))
    assert desk.deliver(event) == 503
    assert answered(pharmacy, event)["answer"] == "acceptance"
    assert desk.deliver(event) == 200
    assert len(desk.made(f"{event['subject']}/acceptance")) == 1


def test_it_can_be_told_to_decline_and_to_be_slow(desk: Desk, pharmacy: Pharmacy) -> None:
    pharmacy.manner(decline=1, delay_ms=300)
    began, events = time.monotonic(), [desk.offer(("M1", 1)), desk.offer(("M1", 1))]
    for event in events:
        desk.deliver(event)
    assert [answered(pharmacy, event)["reason"] for event in events] == ["closed", ""]
    assert time.monotonic() - began >= 0.6


def test_an_event_that_cannot_be_handled_does_not_hold_up_the_others(desk: Desk, pharmacy: Pharmacy) -> None:
    unknown, good = desk.event(OFFERED, "rou_of_nobody_"), desk.offer(("M1", 1))
    desk.orders["rou_of_nobody_"] = {"state": "offered"}
    desk.deliver(unknown)
    desk.deliver(good)
    assert answered(pharmacy, good)["answer"] == "acceptance"
    assert pharmacy.after(unknown["id"])["state"] == "failed"


def test_after_a_kill_it_goes_on_where_it_was(desk: Desk, pharmacy: Pharmacy) -> None:
    stock, endpoints = pharmacy.stock(), len(desk.endpoints)
    pharmacy.manner(delay_ms=30_000)
    heard, missed = desk.offer(("M1", 1)), desk.offer(("M1", 1))
    assert desk.deliver(heard) == 200
    pharmacy.process.kill()
    pharmacy.restart()
    assert [answered(pharmacy, event)["answer"] for event in (heard, missed)] == ["acceptance"] * 2
    assert pharmacy.stock()["M1"] == stock["M1"] - 2
    assert len(desk.endpoints) == endpoints, "an endpoint that was proven is used again"
    assert len(desk.made("/acceptance")) == len({call.path for call in desk.made("/acceptance")})


@pytest.mark.parametrize(("state", "left"), [("deleted", "deleted"), ("broken", "disabled")])
def test_an_endpoint_that_cannot_be_proven_is_replaced_at_the_next_start(
    desk: Desk, pharmacy: Pharmacy, state: str, left: str
) -> None:
    desk.endpoints[-1].state = state
    before = len(desk.endpoints)
    pharmacy.process.stop()
    desk.failing = [("/webhook-endpoints", None)]  # the answer with the first secret is lost
    pharmacy.restart()
    event = desk.offer(("M1", 1))
    assert desk.deliver(event) == 200
    assert answered(pharmacy, event)["answer"] == "acceptance"
    assert [endpoint.state for endpoint in desk.endpoints[before - 1 :]] == [left, "disabled", "active"]


def test_a_refused_start_tells_why_and_ends(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="POST /oauth/token was refused: invalid_client"):
        Pharmacy.start(desk.url, Credentials(CLIENT.id, "wrong"), [], tmp_path)
