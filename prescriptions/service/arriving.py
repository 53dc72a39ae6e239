"""A prescription arrives at a pharmacy: it becomes a routing order, or one that has ended already and says so."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.core.calendar import local_date
from app.core.ids import PublicId, new_id
from app.core.unit import Unit
from prescriptions.models.routing import Quote, RoutingOrder
from prescriptions.names import QUOTE_ID
from prescriptions.order_content import Sent, SupplyLine, quoted_in, seal_lines, seal_sent
from prescriptions.rules.orders import ArrivalReason, OrderState, Times
from prescriptions.rules.quotes import QuotedLine, Wanted, price, still_holds, wanted_in
from prescriptions.service.ordering import arrive
from prescriptions.service.products import offered
from prescriptions.shipments.terms import may_ship
from tenants.api import may_sell_online


@dataclass(frozen=True)
class Offer:
    """What a hospital offers."""

    hospital: int
    hospital_id: str
    hospital_name: str
    prescription: str
    attempt: int
    quote: PublicId
    resident: uuid.UUID
    sent: Sent = field(repr=False)
    expires_at: datetime
    accept_within: timedelta

    @classmethod
    def read(cls, hospital: int, payload: Mapping[str, Any]) -> "Offer":
        """What a relay says; raises ValueError, KeyError for what no hospital of ours sends."""
        return cls(
            hospital, payload["hospital"], payload["hospital_name"], payload["prescription"], payload["attempt"],
            PublicId.parse(payload["quote"], QUOTE_ID), uuid.UUID(payload["resident"]),
            Sent(payload["document"], payload["signatures"], payload.get("author")),
            datetime.fromisoformat(payload["expires_at"]), timedelta(seconds=payload["offer_seconds"]),
        )  # fmt: skip


@dataclass(frozen=True)
class _Terms:
    """At which prices the order stands, or why it ends at once."""

    lines: Sequence[QuotedLine] = ()
    reason: ArrivalReason | None = None


def take(unit: Unit, offer: Offer) -> RoutingOrder:
    """Make the order of an offer, whose attempt is newer than every order of the prescription here."""
    terms, id = _terms(unit, offer), new_id()
    lines = [
        SupplyLine(line.sequence, line.code, line.name, line.category, line.quantity, line.amount or 0)
        for line in terms.lines
    ]
    times = Times(unit.now + offer.accept_within, offer.expires_at)
    state = _state(terms, times, unit.now)
    order = RoutingOrder(
        tenant_id=unit.scope.require_tenant(), id=id, resident_id=offer.resident, prescription=offer.prescription,
        hospital=offer.hospital, hospital_id=offer.hospital_id, hospital_name=offer.hospital_name,
        attempt=offer.attempt, quote_id=offer.quote.id, content=seal_sent(unit, id, offer.sent),
        lines=seal_lines(unit, id, lines), total=sum(line.amount for line in lines), state=state, reason=terms.reason,
        offer_until=times.offer_until, expires_at=times.expires_at, due_at=times.due(state, unit.now), wrong_codes=0,
        shippable=may_ship(unit, {line.code for line in lines}),
        version=1, created_at=unit.now,
    )  # fmt: skip
    arrive(unit, order)
    return order


def _state(terms: _Terms, times: Times, now: datetime) -> OrderState:
    if times.expires_at <= now:
        return OrderState.EXPIRED
    return OrderState.DECLINED if terms.reason else OrderState.OFFERED


def _terms(unit: Unit, offer: Offer) -> _Terms:
    if not may_sell_online(unit, local_date(unit.now)):
        return _Terms(reason=ArrivalReason.NOT_LICENSED)
    quote, wanted = unit.get(Quote, offer.quote.id, lock=True), wanted_in(offer.sent.document)
    quoted = quoted_in(unit, quote) if quote else ()
    if quote is None or not still_holds(quoted, wanted):
        return _Terms(reason=ArrivalReason.QUOTE_UNKNOWN)
    quote.due_at = None
    return _Terms(quoted) if unit.now < quote.valid_until else _anew(unit, wanted, quote.total)


def _anew(unit: Unit, wanted: Sequence[Wanted], most: int) -> _Terms:
    """Prices of now in place of a quote that is over: the resident chose for `most` fen, and never pays more."""
    priced = price(wanted, offered(unit, [one.code for one in wanted]))
    holds = priced.available and priced.total <= most
    return _Terms(priced.lines) if holds else _Terms(reason=ArrivalReason.PRICE_RISEN)
