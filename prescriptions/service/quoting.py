"""Asking pharmacies what the medicines of a prescription cost, and showing the resident what they would pay.

Each pharmacy is asked in a unit of its own, as one would ask a foreign system: it hears of medicines and of nobody.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.core.calendar import local_date
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.ports import Priced, ports
from app.core.unit import Caller, Effect, Unit, run
from prescriptions.ids import PrescriptionViewer
from prescriptions.models.prescribing import Prescription
from prescriptions.models.routing import Choice, Quote
from prescriptions.order_content import seal_quoted
from prescriptions.routing_errors import TooManyQuotes, bad_pharmacy
from prescriptions.routing_ids import choice_public_id, quote_public_id
from prescriptions.rules.choices import ChoiceState, Cost, Standing, place
from prescriptions.rules.quotes import ASKS, KEPT, VALID, Asks, QuotedLine, Wanted, price, wanted_in
from prescriptions.service.documents import document_of
from prescriptions.service.products import offered
from prescriptions.service.routable import refuse_unroutable
from prescriptions.shipments.terms import may_ship
from tenants.api import Kind, Published, may_sell_online, published

ASKING = Caller("system:quotes")
"""Who asks a pharmacy: not the resident, whom it does not know yet."""
KIND = "medicine"


@dataclass(frozen=True)
class Shown:
    """A quote as its resident sees it; `own_cost` in fen, None where nobody knows what the insurance pays."""

    quote: Quote
    lines: Sequence[QuotedLine] = field(repr=False)
    pharmacy: Published
    own_dispensary: bool
    """Whether the pharmacy is a part of the hospital that prescribed."""
    own_cost: int | None
    ships: bool
    """Whether the pharmacy would bring these medicines to the door, free of charge."""

    @property
    def standing(self) -> Standing:
        """How it stands among others."""
        cost = Cost(self.quote.total, self.own_cost)
        return Standing(self.quote.tenant_id, self.quote.available, cost)


@dataclass(frozen=True)
class Quotes:
    """Everything that was shown together."""

    data: Sequence[Shown]


@dataclass(frozen=True)
class _Asked:
    prescription: uuid.UUID
    wanted: Sequence[Wanted] = field(repr=False)
    pharmacies: Sequence[Published]


def quotes(
    viewer: PrescriptionViewer, known: PublicId, pharmacies: Sequence[PublicId], effect: Effect | None
) -> Quotes:
    """Quotes of `pharmacies` for a prescription of the resident's, the cheapest for them first.

    Who may not sell today gives none. Raises NotFound, InvalidInput where a name is no pharmacy's, WrongState where
    the prescription cannot be routed any more, and TooManyQuotes; whatever comes of an ask, it counts.
    """
    asked = _asked(viewer, known, pharmacies)
    found = [_shown(viewer, known, asked, one) for one in asked.pharmacies]
    shown = sorted((one for one in found if one), key=lambda one: place(one.standing))

    def work(opened: Unit) -> Quotes:
        for one in shown:
            _keep(opened, asked.prescription, one)
        return Quotes(shown)

    return run(viewer.at(known), work, viewer.by, effect=effect)


def _asked(viewer: PrescriptionViewer, known: PublicId, pharmacies: Sequence[PublicId]) -> _Asked:
    """What is asked of whom; counted before anybody is asked, under the prescription's lock."""

    def work(opened: Unit) -> _Asked:
        prescription = viewer.prescription(opened, known, lock=True)
        refuse_unroutable(opened, prescription)
        wanted = wanted_in(document_of(opened, prescription))
        found = _published(opened, pharmacies)
        _count(prescription, opened.now)
        return _Asked(prescription.id, wanted, found)

    return run(viewer.at(known), work, viewer.by)


def _published(opened: Unit, pharmacies: Sequence[PublicId]) -> list[Published]:
    numbers = [one.scope.tenant or 0 for one in pharmacies]
    directory = published(opened, numbers, local_date(opened.now))
    for at, one in enumerate(pharmacies):
        entry = directory.get(one.scope.tenant or 0)
        if entry is None or entry.id != one or entry.kind is not Kind.PHARMACY:
            raise bad_pharmacy(at)
    return [directory[number] for number in dict.fromkeys(numbers)]


def _count(prescription: Prescription, now: datetime) -> None:
    asks = Asks(prescription.quotes_asked or 0, prescription.quotes_since or now).again(now)
    if not isinstance(asks, Asks):
        wait = int(asks.total_seconds()) + 1
        raise TooManyQuotes(f"{ASKS} times an hour for one prescription", retry_after=wait)
    prescription.quotes_asked, prescription.quotes_since = asks.times, asks.since


def _shown(viewer: PrescriptionViewer, known: PublicId, asked: _Asked, pharmacy: Published) -> Shown | None:
    made = run(pharmacy.id.scope, lambda opened: _quote(opened, asked.wanted), ASKING)
    if made is None:
        return None
    quote, lines, ships = made
    own = pharmacy.parent is not None and pharmacy.parent == known.scope.tenant
    own_cost = _own_cost(viewer.scope.require_person(), quote, lines)
    return Shown(quote, lines, pharmacy, own, own_cost, ships)


def _quote(opened: Unit, wanted: Sequence[Wanted]) -> tuple[Quote, Sequence[QuotedLine], bool] | None:
    """A quote of the unit's pharmacy, made now, and whether it would ship; None where it may not sell today."""
    if not may_sell_online(opened, local_date(opened.now)):
        return None
    id, priced = new_id(), price(wanted, offered(opened, [one.code for one in wanted]))
    quote = opened.add(
        Quote(
            id=id, lines=seal_quoted(opened, id, priced.lines), total=priced.total,
            available=priced.available, as_of=priced.as_of or opened.now, valid_until=opened.now + VALID,
            due_at=opened.now + VALID + KEPT,
        )
    )  # fmt: skip
    facts = {"amount": quote.total, "available": quote.available, "lines": len(priced.lines)}
    record(opened, "quote.made", quote_public_id(quote), 1, facts)
    return quote, priced.lines, may_ship(opened, {one.code for one in wanted})


def _own_cost(person: uuid.UUID, quote: Quote, lines: Sequence[QuotedLine]) -> int | None:
    if not quote.available:
        return None
    priced = [Priced(line.sequence, line.code, line.category, line.amount or 0) for line in lines]
    return ports().own_cost(person, quote.tenant_id, KIND, priced)


def _keep(opened: Unit, prescription: uuid.UUID, shown: Shown) -> None:
    """Remember what the resident was shown: they choose by it, and what follows unasked is held against it."""
    quote = shown.quote
    choice = opened.add(
        Choice(
            id=quote.id, prescription_id=prescription, resident_id=opened.scope.require_person(),
            pharmacy=quote.tenant_id, pharmacy_id=str(shown.pharmacy.id), pharmacy_name=shown.pharmacy.name,
            total=quote.total, own_cost=shown.own_cost, available=quote.available, valid_until=quote.valid_until,
            state=ChoiceState.SHOWN, due_at=quote.due_at, version=1,
        )
    )  # fmt: skip
    facts: Facts = {"quote": str(quote_public_id(quote)), "amount": quote.total, "state": choice.state}
    record(opened, "choice.shown", choice_public_id(choice), 1, facts)
