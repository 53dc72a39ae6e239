"""What the pharmacy does when it hears of an order."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from deploy.sandbox.integrator.platform import Refused
from deploy.sandbox.integrator.program import Desk
from deploy.sandbox.pharmacy.shelf import Answered, Shelf

Json = dict[str, Any]
OFFERED = "routing_order.offered"
ENDS = ("declined", "timed_out", "released", "revoked", "expired")
"""States in which an order has ended without hand-over."""


class Pharmacy:
    """The system of one pharmacy."""

    types = (OFFERED, *(f"routing_order.{end}" for end in ENDS if end != "declined"))

    def __init__(self, desk: Desk, products: list[Json]) -> None:
        self._platform, self._dial = desk.platform, desk.dial
        self._shelf = Shelf(desk.book)
        self._shelf.fill(products)

    def prepare(self) -> None:
        """Publish every product with its price and stock."""
        self._publish({product["medicine"] for product in self._shelf.products()})

    def handle(self, event: Json) -> str:
        """Answer an offer; put medicines back when an order ended."""
        order = str(event["subject"])
        return self._answer(order) if event["type"] == OFFERED else self._end(order)

    def shown(self) -> Json:
        """What was answered, and what is left."""
        return {"orders": [asdict(one) for one in self._shelf.all()], "stock": self._shelf.products()}

    def _answer(self, order: str) -> str:
        known = self._shelf.answered(order)
        if known is None:
            read = self._platform.call("GET", _path(order))
            if read["state"] != "offered":
                return f"was {read['state']} already"
            named = read["resident_name"] is not None
            known = self._shelf.decide(order, read["lines"], closed=self._dial.take("decline"), named=named)
        return self._tell(known)

    def _tell(self, decided: Answered) -> str:
        """Say what was decided; the key follows from the order, so that saying it again is harmless."""
        body = {"reason": decided.reason} if decided.reason else {}
        key = f"{decided.answer}-{decided.order}"
        try:
            self._platform.call("POST", f"{_path(decided.order)}/{decided.answer}", body, key=key)
        except Refused:
            state = self._platform.call("GET", _path(decided.order))["state"]
            if state == "offered":
                raise
            if state in ENDS:
                return self._end(decided.order)
        self._shelf.told(decided.order)
        self._publish(set(decided.packs))
        return decided.reason or "accepted"

    def _end(self, order: str) -> str:
        known = self._shelf.answered(order)
        if known is None or not self._shelf.put_back(order):
            return "nothing was set aside"
        self._publish(set(known.packs))
        return "put back"

    def _publish(self, codes: set[str]) -> None:
        for product in self._shelf.products():
            if product["medicine"] in codes:
                self._platform.call("POST", "/api/v1/products", product)


def _path(order: str) -> str:
    return f"/api/v1/routing-orders/{order}"
