"""Quotes before a resident, and what can be chosen of them."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest

from app.core.errors import InvalidInput, Problem
from app.core.ids import PublicId, new_id
from app.core.ports import Priced
from app.core.scope import Scope
from app.core.unit import unit
from prescriptions import order_queries
from prescriptions.ids import prescription_public_id
from prescriptions.models import Quote
from prescriptions.names import QUOTE_ID
from prescriptions.routing_ids import OrderViewer, quote_public_id
from prescriptions.service import accepting, choosing, quoting
from tenants.api import profile_of
from tenants.names import TENANT_ID
from tests.platform import Platform
from tests.prescriptions.routing_scenes import (
    BY,
    CODE,
    NAME,
    OFFER,
    Shop,
    Town,
    Ward,
    chosen,
    costing,
    quoted,
    quotes_over,
    resident_of,
)


@pytest.fixture
def town(platform: Platform) -> Town:
    """A hospital and a pharmacy."""
    return Town(platform)


def code_of(act: Callable[[], object]) -> str:
    """The code of the problem that `act` raises."""
    with pytest.raises(Problem) as raised:
        act()
    return raised.value.code


def rule_of(act: Callable[[], object]) -> tuple[str, str]:
    """Pointer and rule of the one fault that `act` raises."""
    with pytest.raises(InvalidInput) as raised:
        act()
    return raised.value.faults[0].pointer, raised.value.faults[0].rule


def test_quotes_are_sorted_and_know_the_own_dispensary(platform: Platform) -> None:
    ward = Ward()
    own, dear = Shop(1200, parent=ward.scope.tenant), Shop(1500)
    empty, closed, foreign = Shop(10), Shop(5), Shop(1100, parent=Ward().scope.tenant)
    empty.stocks(stock=1)
    closed.end_license()
    found = quoted(ward.ready(), dear, own, empty, closed, foreign)
    assert [one.quote.tenant_id for one in found] == [foreign.number, own.number, dear.number, empty.number]
    assert [one.own_dispensary for one in found] == [False, True, False, False]
    assert [one.quote.available for one in found] == [True, True, True, False]
    assert [one.own_cost for one in found] == [3300, 3600, 4500, None]


def test_the_own_cost_decides_and_is_asked_once_for_each_quote(platform: Platform) -> None:
    ward, one, two, three = Ward(), Shop(100), Shop(200), Shop(300)
    asked: list[tuple[uuid.UUID, int, str, list[tuple[int, str, str, int]]]] = []

    def own_cost(person: uuid.UUID, provider: int, kind: str, lines: Sequence[Priced]) -> int | None:
        asked.append((person, provider, kind, [(p.sequence, p.code, p.category, p.amount) for p in lines]))
        return {one.number: 90, two.number: 7}.get(provider)

    prescription = ward.ready()
    with costing(own_cost):
        found = quoted(prescription, one, two, three)
    assert [(shown.quote.tenant_id, shown.own_cost) for shown in found] == [
        (two.number, 7), (one.number, 90), (three.number, None)
    ]  # fmt: skip
    assert len(asked) == 3
    lines = [(1, CODE, "A", 200), (2, "86900000000024", "B", 100)]
    assert asked[0] == (prescription.resident_id, one.number, "medicine", lines)


_COLUMNS = [column.name for column in Quote.__table__.columns]


def test_a_pharmacy_hears_of_nobody_when_it_is_asked(town: Town) -> None:
    prescription = town.ward.ready()
    quoted(prescription, town.shop)
    with unit(town.shop.scope) as reading:
        row = reading.first(reading.select(Quote))
    assert row
    kept = {name: getattr(row, name) for name in _COLUMNS}
    assert str(prescription.resident_id) not in str(kept) and NAME not in str(kept)


def test_who_is_no_pharmacy(town: Town) -> None:
    prescription = town.ward.ready()
    with unit(town.ward.scope) as reading:
        hospital = PublicId(TENANT_ID, town.ward.scope, profile_of(reading).id)
    unknown = PublicId(TENANT_ID, town.shop.scope, new_id())
    for other in (hospital, unknown):
        viewer, known = resident_of(prescription), prescription_public_id(prescription)
        fault = rule_of(partial(quoting.quotes, viewer, known, [town.shop.id, other], None))
        assert fault == ("/pharmacies/1", "not_a_pharmacy")


def test_another_persons_things_are_not_there(town: Town) -> None:
    prescription, other = town.offered(), town.ward.ready()
    known, order = prescription_public_id(prescription), town.shop.known
    stranger, residents = resident_of(other), OrderViewer(Scope.for_person(other.resident_id), BY)
    missing: list[Callable[[], object]] = [
        partial(choosing.choose, stranger, known, [PublicId(QUOTE_ID, town.shop.scope, new_id())], OFFER),
        partial(choosing.routing_of, stranger, known),
        partial(accepting.revoke, residents, order),
        partial(accepting.renew_code, residents, order),
        partial(order_queries.order_of, residents, order),
        partial(order_queries.paper_of, residents, order),
        partial(accepting.accept, Shop().counter, order),
        partial(order_queries.order_of, Shop().counter, order),
    ]
    for act in missing:
        assert code_of(act) == "not_found"


def test_what_cannot_be_chosen(town: Town) -> None:
    prescription, other, empty = town.ward.ready(), town.ward.ready(), Shop()
    empty.stocks(stock=0)
    viewer, known = resident_of(prescription), prescription_public_id(prescription)
    mine = {one.quote.tenant_id: quote_public_id(one.quote) for one in quoted(prescription, town.shop, empty)}
    foreign = quote_public_id(quoted(other, town.shop)[0].quote)
    moved = PublicId(QUOTE_ID, empty.scope, mine[town.shop.number].id)

    def fault(quote: PublicId) -> tuple[str, str]:
        return rule_of(partial(choosing.choose, viewer, known, [mine[town.shop.number], quote], OFFER))

    assert fault(foreign) == fault(moved) == ("/choices/1", "unknown_quote")
    assert fault(mine[empty.number]) == ("/choices/1", "quote_unavailable")
    quotes_over(town, prescription)
    assert fault(mine[town.shop.number]) == ("/choices/0", "quote_over")
    assert town.ward.now(prescription).attempt == 0


def test_when_a_prescription_cannot_be_routed(town: Town) -> None:
    live = town.offered()
    assert code_of(partial(chosen, live, town.shop)) == "order_live"
    town.ward.withdraw(live)
    assert code_of(partial(chosen, live, town.shop)) == "prescription_stopping"
    town.settle()
    assert code_of(partial(chosen, live, town.shop)) == "prescription_state"
    assert code_of(partial(quoted, town.ward.ready(valid=timedelta(0)), town.shop)) == "prescription_expired"
