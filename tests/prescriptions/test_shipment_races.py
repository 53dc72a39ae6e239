"""Several at the same moment: one courier has a parcel; its order ends once, at the door or otherwise."""

from functools import partial

import pytest

from app.core.journal.seal import seal
from prescriptions.service import accepting
from prescriptions.shipments.service import carrying
from tests.platform import Platform
from tests.prescriptions.routing_scenes import PUBLIC, Town, owner_of
from tests.prescriptions.shipping_scenes import Round
from tests.prescriptions.test_routing_races import at_once, machines, one_end


@pytest.fixture(scope="module")
def round_(platform: Platform) -> Round:
    """A hospital, a pharmacy that ships, and two couriers."""
    return Round(Town(platform))


def test_two_couriers_never_have_one_parcel(round_: Round) -> None:
    round_.asked().give(0)
    known, (first, second) = round_.known, round_.couriers
    acts = [partial(carrying.pick_up, round_.courier(which), known) for which in (0, 1)]
    found, shipment = at_once([*acts, partial(round_.give, 1)]), round_.now()
    entitled = first.id if found["shipment_state"] else second.id
    assert shipment.courier_id == entitled
    assert found["done"] == (1 if shipment.courier_id == first.id else 1 + (shipment.state == "picked_up"))


def test_a_parcel_is_handed_over_at_the_counter_or_picked_up(round_: Round) -> None:
    round_.asked().give()
    found = at_once([partial(carrying.pick_up, round_.courier(), round_.known), round_.shop.hand_over])
    shipment, out = round_.now(), bool(found["order_with_courier"])
    assert found["done"] == 1
    assert (shipment.state, shipment.reason) == (("picked_up", None) if out else ("called_off", "collected"))
    assert one_end(round_.town) == ("prepared" if out else "fulfilled")


def test_handed_over_once_at_the_door(round_: Round) -> None:
    round_.under_way()
    assert at_once([partial(round_.hand_over, round_.shop.code())] * 6) == {"done": 1, "shipment_state": 5}
    assert one_end(round_.town) == "fulfilled"


def test_at_the_door_while_it_is_taken_back_or_has_to_come_back(round_: Round) -> None:
    round_.under_way()
    door = partial(carrying.hand_over, round_.courier(), round_.known, round_.shop.code())
    revoke = partial(accepting.revoke, owner_of(round_.shop.order()), round_.shop.known)
    assert at_once([door, revoke])["done"] == 1
    state = one_end(round_.town)
    assert (state, round_.now().state) in {("fulfilled", "handed_over"), ("revoked", "incident")}
    round_.under_way()
    door = partial(carrying.hand_over, round_.courier(), round_.known, round_.shop.code())
    assert at_once([door, round_.take_back])["done"] == 1
    state = one_end(round_.town)
    assert (state, round_.now().state) in {("fulfilled", "handed_over"), ("prepared", "returned")}


def test_at_the_door_while_the_doctor_withdraws(round_: Round) -> None:
    town, shop = round_.town, round_.shop
    prescription = round_.under_way_of()
    town.ward.withdraw(prescription)
    seal(town.ward.scope, PUBLIC, town.platform.sealing)
    door = partial(carrying.hand_over, round_.courier(), round_.known, shop.code())
    found, state = at_once([door, partial(machines, town)]), one_end(town)
    assert (state == "fulfilled") == (found["done"] == 2)
    assert round_.now().state == ("handed_over" if state == "fulfilled" else "incident")
    assert town.ward.now(prescription).state == ("completed" if state == "fulfilled" else "withdrawn")
