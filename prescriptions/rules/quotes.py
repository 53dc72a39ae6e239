"""What a pharmacy asks for the medicines of a prescription. Pure: prices and stock in, lines in fen out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.payments.api import LARGEST

VALID = timedelta(minutes=30)
"""For how long a quote's prices hold."""
KEPT = timedelta(days=7)
"""For how long after that a quote is kept that no order was made by. A prescription holds for three days at most
(处方管理办法 2007, article 18), and the pharmacy that was ranked last may be offered it at their end; the other days
are for relays that wait.
"""
ASKS = 6
"""How often a resident may ask for one prescription in an hour: prices hold for half of it, and ten pharmacies are
asked at a time. More would be of use to somebody who collects pharmacies' prices.
"""
ASKS_WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class Wanted:
    """One medicine of a prescription: `quantity` in packs, `category` the insurance class (甲 A, 乙 B, 丙 C)."""

    sequence: int
    code: str = field(repr=False)
    name: str = field(repr=False)
    category: str
    quantity: int


@dataclass(frozen=True)
class Offered:
    """What the pharmacy has of a medicine: `price` in fen for a pack, `stock` in packs."""

    price: int
    stock: int
    as_of: datetime
    shippable: bool = False


@dataclass(frozen=True)
class QuotedLine:
    """One line of a quote; price and amount in fen, null where the pharmacy does not carry the medicine."""

    sequence: int
    code: str = field(repr=False)
    name: str = field(repr=False)
    category: str
    quantity: int
    price: int | None
    amount: int | None
    available: bool


@dataclass(frozen=True)
class Asks:
    """How often somebody asked in the hour that began at `since`."""

    times: int
    since: datetime

    def again(self, now: datetime) -> "Asks | timedelta":
        """With one more now; where none is left, how long to wait for the next."""
        left = self.since + ASKS_WINDOW - now
        if left <= timedelta(0):
            return Asks(1, now)
        return left if self.times >= ASKS else Asks(self.times + 1, self.since)


@dataclass(frozen=True)
class PricedList:
    """A priced list of medicines."""

    lines: tuple[QuotedLine, ...]
    as_of: datetime | None
    """The oldest word about the stock of any line."""

    @property
    def total(self) -> int:
        """What the lines that the pharmacy carries cost together, in fen."""
        return sum(line.amount or 0 for line in self.lines)

    @property
    def available(self) -> bool:
        """Whether every line can be supplied, and what they cost together can be paid."""
        return all(line.available for line in self.lines) and self.total <= LARGEST


def wanted_in(document: Mapping[str, Any]) -> tuple[Wanted, ...]:
    """The medicines of a signed prescription."""
    return tuple(
        Wanted(line["sequence"], line["medicine"], line["name"], line["category"], line["quantity"])
        for line in document["lines"]
    )


def price(wanted: Sequence[Wanted], products: Mapping[str, Offered]) -> PricedList:
    """Price `wanted` with what the pharmacy offers now."""
    known = [products[one.code].as_of for one in wanted if one.code in products]
    return PricedList(tuple(_line(one, products.get(one.code)) for one in wanted), min(known, default=None))


def still_holds(quoted: Sequence[QuotedLine], wanted: Sequence[Wanted]) -> bool:
    """Whether a quote is one for exactly these medicines, all of them available."""
    asked = [(one.sequence, one.code, one.quantity) for one in wanted]
    return asked == [(line.sequence, line.code, line.quantity) for line in quoted if line.available]


def _line(one: Wanted, offered: Offered | None) -> QuotedLine:
    if offered is None:
        return QuotedLine(one.sequence, one.code, one.name, one.category, one.quantity, None, None, available=False)
    amount, enough = offered.price * one.quantity, offered.stock >= one.quantity
    return QuotedLine(
        one.sequence, one.code, one.name, one.category, one.quantity, offered.price, amount, available=enough
    )
