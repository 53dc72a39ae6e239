"""What routing keeps encrypted: the one place that seals and opens it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from app.core.unit import Unit
from prescriptions.models.routing import Quote, RoutingOrder
from prescriptions.routing_errors import forgotten
from prescriptions.rules.quotes import QuotedLine


@dataclass(frozen=True)
class SupplyLine:
    """What is to be supplied of one medicine: `quantity` in packs, `amount` in fen, `category` A, B or C."""

    sequence: int
    code: str = field(repr=False)
    name: str = field(repr=False)
    category: str
    quantity: int
    amount: int


@dataclass(frozen=True)
class Sent:
    """A prescription as its hospital sent it: the signed document, the signatures over it, and who wrote it."""

    document: Mapping[str, Any] = field(repr=False)
    signatures: Sequence[Mapping[str, Any]] = field(repr=False)
    author: str | None = field(default=None, repr=False)
    """The person whom the doctor is, to be compared and never shown; None of what was sent before hospitals said it."""

    @property
    def resident_name(self) -> str:
        """For whom it is."""
        return str(self.document["resident"]["name"])

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """The codes of its diagnoses."""
        return tuple(one["code"] for one in self.document["diagnoses"])


def seal_sent(unit: Unit, order_id: uuid.UUID, sent: Sent) -> bytes:
    """What the hospital sent, encrypted."""
    plain = {"document": dict(sent.document), "signatures": list(sent.signatures), "author": sent.author}
    return unit.cipher.seal(orjson.dumps(plain), _place(unit, "content", order_id))


def sent_with(unit: Unit, order: RoutingOrder) -> Sent:
    """What the hospital sent; raises WrongState where it is forgotten."""
    if order.content is None:
        raise forgotten()
    read = orjson.loads(unit.cipher.open(order.content, _place(unit, "content", order.id)))
    return Sent(read["document"], read["signatures"], read.get("author"))


def seal_lines(unit: Unit, order_id: uuid.UUID, lines: Sequence[SupplyLine]) -> bytes:
    """What is to be supplied, encrypted."""
    return unit.cipher.seal(orjson.dumps([asdict(line) for line in lines]), _place(unit, "lines", order_id))


def lines_of(unit: Unit, order: RoutingOrder) -> tuple[SupplyLine, ...]:
    """What is to be supplied; raises WrongState where it is forgotten."""
    if order.lines is None:
        raise forgotten()
    read = orjson.loads(unit.cipher.open(order.lines, _place(unit, "lines", order.id)))
    return tuple(SupplyLine(**line) for line in read)


def seal_quoted(unit: Unit, quote_id: uuid.UUID, lines: Sequence[QuotedLine]) -> bytes:
    """What a pharmacy asks, encrypted."""
    return unit.cipher.seal(orjson.dumps([asdict(line) for line in lines]), _quoted_at(unit, quote_id))


def quoted_in(unit: Unit, quote: Quote) -> tuple[QuotedLine, ...]:
    """What a pharmacy asked."""
    read = orjson.loads(unit.cipher.open(quote.lines, _quoted_at(unit, quote.id)))
    return tuple(QuotedLine(**line) for line in read)


def seal_code(unit: Unit, order: RoutingOrder, code: str) -> None:
    """Give `order` a pick-up code: readable for its resident, comparable for the counter."""
    order.code = unit.cipher.seal(code.encode(), _place(unit, "code", order.id))
    order.code_digest = code_digest(unit, order, code)


def code_of(unit: Unit, order: RoutingOrder) -> str | None:
    """The pick-up code, where there is one."""
    return unit.cipher.open(order.code, _place(unit, "code", order.id)).decode() if order.code else None


def code_digest(unit: Unit, order: RoutingOrder, code: str) -> str:
    """The keyed digest of a code, different for each order."""
    return unit.blind.digest("pickup_code", f"{order.id}:{code}")


def seal_counselling(unit: Unit, order: RoutingOrder, text: str) -> bytes:
    """What the resident was told about the medicines, encrypted."""
    return unit.cipher.seal(text.encode(), _place(unit, "counselling", order.id))


def forget_content(order: RoutingOrder) -> None:
    """Leave nothing clinical in `order`."""
    order.content = order.lines = order.code = order.code_digest = order.counselling = None


def _quoted_at(unit: Unit, id: uuid.UUID) -> str:
    return f"tenant:{unit.scope.require_tenant()}/quotes/lines/{id}"


def _place(unit: Unit, column: str, id: uuid.UUID) -> str:
    return f"tenant:{unit.scope.require_tenant()}/routing_orders/{column}/{id}"
