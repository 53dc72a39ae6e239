"""To the door: who asks, gives, carries and reads; what happens to the order, and to the parcel where that ends."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from app.core.errors import Forbidden, NotFound, Problem, Refused
from app.core.ids import PublicId
from app.core.unit import Caller
from app.identity.api import Role
from prescriptions import order_queries
from prescriptions.models import RoutingOrder
from prescriptions.names import SUPPLY_FULFILLED
from prescriptions.order_timers import end_due
from prescriptions.service import accepting, dispensing
from prescriptions.service.products import Told, tell
from prescriptions.shipments import queries
from prescriptions.shipments.ids import ShipmentViewer, shipment_public_id
from prescriptions.shipments.rules import COMES_BACK, KEPT, IncidentReason, NotShippedReason
from prescriptions.shipments.service import asking, carrying, giving
from prescriptions.shipments.timers import end_due as parcels_due
from tests.platform import Platform
from tests.prescriptions.author_scenes import author_in
from tests.prescriptions.routing_scenes import (
    BY,
    CODE,
    COUNSELLING,
    Shop,
    Town,
    chosen,
    member,
    owner_of,
    payloads,
    quoted,
    wrong_than,
)
from tests.prescriptions.shipping_scenes import DOOR, Round, ship
from tests.scheduling.clock import Clock

ANY = {"limit": 100, "cursor": "", "state": None}


@pytest.fixture(scope="module")
def round_(platform: Platform) -> Round:
    """A hospital, a pharmacy that ships, and two couriers."""
    return Round(Town(platform))


def code_of(act: Callable[[], object]) -> str:
    """The code of the problem that `act` raises, or of the refusal that it returns."""
    try:
        answer = act()
    except Problem as problem:
        return problem.code
    assert isinstance(answer, Refused)
    return answer.problem.code


def test_a_parcel_is_handed_over_at_the_door_in_one_act(round_: Round) -> None:
    town, shop = round_.town, round_.under_way().shop
    town.settle()
    wrong = partial(round_.hand_over, wrong_than(shop.code()))
    assert [code_of(wrong) for _ in range(6)] == ["wrong_pickup_code"] * 5 + ["pickup_locked"]
    assert code_of(round_.hand_over) == "pickup_locked"
    accepting.renew_code(owner_of(shop.order()), shop.known)
    assert not isinstance(round_.hand_over(), Refused)
    order, shipment = shop.order(), round_.now()
    assert (order.state, order.handed_over_by) == ("fulfilled", round_.courier().by.actor)
    assert (shipment.state, shipment.reason, shipment.moved_at >= order.created_at) == ("handed_over", None, True)
    assert order.counselling and COUNSELLING.encode() not in order.counselling
    assert code_of(round_.hand_over) == "shipment_state"
    town.settle()
    assert [one["order"] for one in payloads(shop.scope, SUPPLY_FULFILLED)].count(str(shop.known)) == 1


def test_what_a_pharmacy_would_bring_stands_in_quote_and_order(round_: Round) -> None:
    """Only what it says may be shipped, of every medicine, and only while it ships at all."""
    town = replace(round_.town, shops=(Shop(), Shop(), round_.shop))
    closed, cold, ships = town.shops
    ship(closed, ships=False)
    ship(cold)
    tell(cold.scope, Told(CODE, "胰岛素", cold.price, 100), BY)
    prescription = town.ward.ready()
    said = {one.pharmacy.name: one.ships for one in quoted(prescription, *town.shops)}
    assert said == {closed.name: False, cold.name: False, ships.name: True}
    for shop in (cold, ships):
        chosen(town.ward.ready(), shop)
        town.settle()
        accepting.accept(shop.counter, shop.known)
        assert shop.order().shippable is said[shop.name]
    assert code_of(partial(asking.ask, owner_of(cold.order()), cold.known, DOOR)) == "not_shippable"


def test_only_the_pharmacy_that_accepted_learns_where_to(round_: Round) -> None:
    round_.town.offered()
    assert code_of(round_.ask) == "order_not_accepted"
    shop, owner = round_.shop, owner_of(round_.shop.order())
    accepting.accept(shop.counter, shop.known)
    assert order_queries.order_of(owner, shop.known).shipment is None
    shipment = round_.ask()
    shown = order_queries.order_of(owner, shop.known).shipment
    assert shown and shown.id == shipment.id
    assert shipment.destination and DOOR.address.encode() not in shipment.destination
    assert code_of(round_.ask) == "shipment_open"
    stranger = owner_of(RoutingOrder(resident_id=shipment.id))
    with pytest.raises(NotFound):
        asking.ask(stranger, shop.known, DOOR)
    assert queries.shipment_of(round_.bench, round_.known).to == DOOR
    asking.call_off(round_.resident, round_.known)
    assert (round_.now().state, round_.now().reason, shop.order().state) == ("called_off", "by_resident", "accepted")
    assert round_.ask().id != shipment.id
    accepting.revoke(owner, shop.known)
    assert (round_.now().state, round_.now().reason) == ("called_off", "order_ended")
    assert code_of(round_.ask) == "order_ended"


def test_a_parcel_is_given_when_it_is_prepared_and_paid(round_: Round) -> None:
    town, shop = round_.town, round_.shop
    town.offered()
    accepting.accept(shop.counter, shop.known)
    round_.ask()
    assert code_of(round_.give) == "order_not_checked"
    dispensing.check(shop.counter, shop.known)
    dispensing.prepare(shop.bench, shop.known)
    dispensing.verify(shop.counter, shop.known)
    assert code_of(round_.give) == "order_not_settled"
    shop.settle()
    for nobody in (shop.preparer, member(Shop().scope, Role.COURIER), PublicId("sta", shop.scope, shop.known.id)):
        refused = partial(giving.give, round_.bench, round_.known, nobody, COUNSELLING)
        assert code_of(refused) == "invalid_input"
    tell(shop.scope, Told(CODE, "氨氯地平", shop.price, 100, shippable=False), BY)
    assert code_of(round_.give) == "not_shippable"
    ship(shop)
    assert round_.give().state == "given"
    giving.decline(round_.bench, round_.known, NotShippedReason.TOO_FAR)
    assert (round_.now().state, round_.now().reason, shop.order().state) == ("declined", "too_far", "prepared")
    assert not isinstance(shop.hand_over(), Refused)


def test_nobody_gives_a_courier_what_they_prescribed(round_: Round) -> None:
    round_.asked()
    author = ShipmentViewer(round_.shop.scope, Caller(f"staff:{author_in(round_.town)}"))
    refused = partial(giving.give, author, round_.known, round_.couriers[0], COUNSELLING)
    assert (code_of(refused), round_.now().state) == ("own_prescription", "asked")


def test_a_courier_sees_their_own_parcels_while_they_carry_them(round_: Round) -> None:
    round_.asked()
    known, (first, second) = round_.known, (round_.courier(0), round_.courier(1))

    def listed(who: ShipmentViewer) -> list[str]:
        return [one.state for one in queries.shipments_of(who, who.scope, ANY).data if one.id == known.id]

    with pytest.raises(NotFound):
        queries.shipment_of(first, known)
    assert (listed(first), listed(round_.bench)) == ([], ["asked"])
    round_.give(0)
    assert (queries.shipment_of(first, known).to, listed(first), listed(second)) == (DOOR, ["given"], [])
    round_.give(1)
    for act in (queries.shipment_of, carrying.pick_up):
        with pytest.raises(NotFound):
            act(first, known)
    carrying.pick_up(second, known)
    assert code_of(round_.give) == code_of(partial(asking.call_off, round_.resident, known)) == "shipment_state"
    carrying.depart(second, known)
    carrying.hand_over(second, known, round_.shop.code())
    with pytest.raises(Forbidden) as refused:
        queries.shipment_of(second, known)
    assert (refused.value.code, listed(second)) == ("purpose_ended", ["handed_over"])
    assert queries.shipment_of(round_.resident, known).to == DOOR


def test_nobody_carries_what_was_given_to_another(round_: Round) -> None:
    round_.asked().give(1)
    known, (first, second) = round_.known, (round_.courier(0), round_.courier(1))
    both = replace(second, carries=False)
    with pytest.raises(NotFound):
        carrying.pick_up(replace(first, carries=False), known)
    carrying.pick_up(both, known)
    system = ShipmentViewer(round_.shop.scope, Caller("client:x"))
    with pytest.raises(Forbidden):
        carrying.pick_up(system, known)


def test_what_comes_back_is_prepared_as_before(round_: Round) -> None:
    """Until then the counter does not hand it over."""
    shop = round_.asked().shop
    round_.give()
    for step in (carrying.pick_up, carrying.depart):
        assert code_of(round_.hand_over) == "shipment_state"
        step(round_.courier(), round_.known)
        assert code_of(shop.hand_over) == "order_with_courier"
    assert code_of(partial(round_.hand_over, wrong_than(shop.code()))) == "wrong_pickup_code"
    round_.fail(IncidentReason.NOBODY_THERE)
    refused = [code_of(round_.hand_over), code_of(shop.hand_over), code_of(round_.give)]
    assert refused == ["shipment_state", "order_with_courier", "shipment_state"]
    round_.take_back()
    order = shop.order()
    assert (round_.now().state, round_.now().reason) == ("returned", "nobody_there")
    assert (order.state, order.wrong_codes, order.verified_by is not None) == ("prepared", 1, True)
    round_.ask()
    assert not isinstance(shop.hand_over(), Refused)
    assert (round_.now().state, round_.now().reason) == ("called_off", "collected")


def test_what_comes_back_spoiled_is_prepared_anew_by_two(round_: Round) -> None:
    prescription, town, shop = round_.under_way_of(), round_.town, round_.shop
    round_.fail(IncidentReason.DAMAGED)
    round_.take_back(intact=False)
    town.settle()
    order = shop.order()
    assert town.ward.now(prescription).order_state == "checked"
    assert (order.state, order.prepared_by, order.verified_by) == ("checked", None, None)
    assert order.settled_by and code_of(shop.hand_over) == "order_not_preparing"
    dispensing.prepare(shop.bench, shop.known)
    assert code_of(partial(dispensing.verify, shop.bench, shop.known)) == "preparer_verifies"
    dispensing.verify(shop.counter, shop.known)
    assert not isinstance(shop.hand_over(), Refused)


@pytest.mark.parametrize("how", ["expired", "revoked"])
def test_an_order_that_ends_calls_its_parcel_back(round_: Round, how: str) -> None:
    shop = round_.under_way().shop
    if how == "expired":
        shop.time_is_up(expiry=True)
        assert code_of(round_.hand_over) == "order_expired"
        end_due(shop.scope)
    else:
        accepting.revoke(owner_of(shop.order()), shop.known)
    assert (shop.order().state, round_.now().state, round_.now().reason) == (how, "incident", "order_ended")
    assert code_of(round_.hand_over) == code_of(round_.fail) == "shipment_state"
    round_.take_back(intact=False)
    assert (shop.order().state, round_.now().state) == (how, "returned")


def test_it_is_forgotten_where_it_went(round_: Round, clock: Clock) -> None:
    round_.under_way().fail()
    round_.take_back()
    accepting.revoke(owner_of(round_.shop.order()), round_.shop.known)
    assert round_.shop.order().counselling
    clock.ahead += KEPT
    assert end_due(round_.shop.scope) > 0
    assert round_.shop.order().counselling is None
    assert parcels_due(round_.shop.scope) > 0
    shipment = round_.now()
    assert (shipment.destination, shipment.due_at, parcels_due(round_.shop.scope)) == (None, None, 0)
    assert queries.shipment_of(round_.resident, shipment_public_id(shipment)).to is None
    with pytest.raises(Forbidden):
        queries.shipment_of(round_.bench, shipment_public_id(shipment))


@pytest.mark.parametrize("reported", [False, True])
def test_what_never_comes_back_is_lost_and_forgotten_too(round_: Round, clock: Clock, *, reported: bool) -> None:
    """And while it may come back still, no courier reads any more where its resident lives."""
    round_.under_way()
    known = round_.known
    if reported:
        round_.fail()
    assert queries.shipment_of(round_.courier(), known).to == DOOR
    accepting.revoke(owner_of(round_.shop.order()), round_.shop.known)
    assert (round_.now().state, round_.now().reason) == ("incident", "order_ended")
    assert code_of(partial(queries.shipment_of, round_.courier(), known)) == "purpose_ended"
    for state, term in (("lost", COMES_BACK), ("lost", KEPT)):
        assert round_.now().destination
        clock.ahead += term
        assert parcels_due(round_.shop.scope) > 0
        assert round_.now().state == state
    assert (round_.now().destination, round_.now().due_at) == (None, None)
    assert code_of(round_.take_back) == "shipment_state"
