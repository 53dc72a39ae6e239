"""Shipments over HTTP: the whole way, who may do what, what each sees, and that nobody else reads where to."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.core.ids import PublicId
from app.core.ports import fill, ports
from app.core.unit import connect, database
from app.factory import create_app
from app.identity.api import Role
from tests.core.journal.scenes import rows
from tests.described import described
from tests.platform import Platform
from tests.prescriptions.routing_scenes import COUNSELLING, MEDICINES, NAME, Shop, Town, member, wrong_than
from tests.prescriptions.test_routing_api import Scene
from tests.visits.test_secrecy import where_it_stands

DOOR = {"recipient": "李四收", "phone": "+8613812340000", "address": "示范路17号2单元301室"}


@pytest.fixture(scope="module")
def app(platform: Platform) -> Iterator[Flask]:
    """The application; its units run on the engine that all tests share."""
    former, made = ports(), described(create_app(platform.settings))
    database().engine.dispose()
    connect(platform.database)
    yield made
    fill(former)


@pytest.fixture
def scene(app: Flask, platform: Platform) -> Scene:
    """A town whose pharmacy ships, by what its system tells."""
    made = Scene(app, Town(platform))
    system = made.system(made.town.shop.scope, "products.manage")
    assert system.do("GET", "/shipping-terms") == {"ships": False}
    assert system.do("PUT", "/shipping-terms", {"ships": True}) == system.do("GET", "/shipping-terms")
    for code, name, *_ in MEDICINES:
        told = {"medicine": code, "name": name, "price": 1000, "stock": 9, "shippable": True}
        assert system.do("POST", "/products", told)["shippable"] is True
    return made


def paid(scene: Scene) -> str:
    """The path of a shipment that was asked for, of an order that is prepared and paid."""
    scene.offered()
    scene.town.shop.prepare()
    scene.town.shop.settle()
    assert scene.resident.do("GET", scene.order)["shippable"] is True
    return f"/shipments/{scene.resident.do('POST', f'{scene.order}/shipment', DOOR)['id']}"


def courier_of(shop: Shop) -> PublicId:
    """A fresh courier."""
    return member(shop.scope, Role.COURIER)


def test_the_whole_way_to_the_door(scene: Scene, platform: Platform) -> None:
    path, shop = paid(scene), scene.town.shop
    known = courier_of(shop)
    preparer, courier = scene.staff(shop.preparer), scene.staff(known)
    assert scene.resident.do("GET", scene.order)["shipment"] == path.rpartition("/")[2]
    words = {"courier": str(known), "counselling": COUNSELLING}
    assert preparer.do("POST", f"{path}/giving", words)["courier"] == str(known)
    seen = courier.do("GET", path)
    assert {name: seen[name] for name in DOOR} == DOOR
    assert set(seen) == {*DOOR, "id", "order", "state", "reason", "courier", "asked_at", "moved_at", "version"}
    assert [one["state"] for one in courier.do("GET", "/shipments")["data"]] == ["given"]
    assert courier.do("POST", f"{path}/pick-up")["state"] == "picked_up"
    assert preparer.refused(409, "POST", f"{path}/giving", words) == "shipment_state"
    assert courier.do("POST", f"{path}/departure")["state"] == "under_way"
    code = scene.resident.do("GET", scene.order)["pickup_code"]
    assert courier.refused(409, "POST", f"{path}/hand-over", {"pickup_code": wrong_than(code)}) == "wrong_pickup_code"
    assert courier.do("POST", f"{path}/hand-over", {"pickup_code": code})["state"] == "handed_over"
    assert scene.resident.do("GET", scene.order)["state"] == "fulfilled"
    assert courier.refused(403, "GET", path) == "purpose_ended"
    assert scene.resident.do("GET", path)["address"] == DOOR["address"]
    scene.town.settle()
    told = "SELECT text FROM journal WHERE tenant_id = %s AND text LIKE '%%record.read%%'"
    ((look,),) = rows(platform, told, shop.scope.tenant)
    assert f"staff:{known}" in look and '"purpose":"shipment"' in look


def test_nobody_reads_where_to_in_tables_and_journals(scene: Scene, platform: Platform) -> None:
    path, shop = paid(scene), scene.town.shop
    give = {"courier": str(courier_of(shop)), "counselling": COUNSELLING}
    scene.staff(shop.preparer).do("POST", f"{path}/giving", give)
    scene.town.settle()
    kept = {"shipments", "routing_orders", "journal", "journal_pending", "idempotency_keys"}
    for words in (*DOOR.values(), NAME, COUNSELLING):
        assert kept.isdisjoint(where_it_stands(platform, words)), words


def test_what_cannot_be_brought_comes_back(scene: Scene) -> None:
    path, shop = paid(scene), scene.town.shop
    known = courier_of(shop)
    preparer, courier = scene.staff(shop.preparer), scene.staff(known)
    preparer.do("POST", f"{path}/giving", {"courier": str(known), "counselling": COUNSELLING})
    courier.do("POST", f"{path}/pick-up")
    assert courier.do("POST", f"{path}/incident", {"reason": "not_found"})["reason"] == "not_found"
    assert preparer.do("POST", f"{path}/return", {"intact": True})["state"] == "returned"
    again = f"/shipments/{scene.resident.do('POST', f'{scene.order}/shipment', DOOR)['id']}"
    assert preparer.do("POST", f"{again}/declination", {"reason": "too_far"})["state"] == "declined"
    last = f"/shipments/{scene.resident.do('POST', f'{scene.order}/shipment', DOOR)['id']}"
    assert scene.resident.do("POST", f"{last}/calling-off")["reason"] == "by_resident"


def test_who_may_not_ship(scene: Scene) -> None:
    path, shop, other = paid(scene), scene.town.shop, Scene(scene.app, scene.town)
    known = courier_of(shop)
    preparer, courier, elsewhere = (scene.staff(one) for one in (shop.preparer, known, courier_of(Shop())))
    give = {"courier": str(known), "counselling": COUNSELLING}
    for who in (courier, scene.resident):
        assert who.refused(403, "POST", f"{path}/giving", give) == "forbidden"
    for who in (preparer, scene.resident):
        assert who.refused(403, "POST", f"{path}/pick-up") == "forbidden"
    for hidden in (scene.order, f"{scene.order}/document", "/routing-orders"):
        assert courier.refused(403, "GET", hidden) == "forbidden"
    assert courier.refused(403, "POST", f"{scene.order}/shipment", DOOR) == "forbidden"
    assert scene.resident.refused(403, "GET", "/shipments") == "forbidden"
    for who in (courier, elsewhere, other.resident):
        assert who.refused(404, "GET", path) == "not_found"
    for who in (courier, elsewhere):
        assert who.refused(404, "POST", f"{path}/pick-up") == "not_found"
    assert other.resident.refused(404, "POST", f"{path}/calling-off") == "not_found"
    assert other.resident.refused(404, "POST", f"{scene.order}/shipment", DOOR) == "not_found"


def test_a_shipment_that_cannot_be(scene: Scene) -> None:
    scene.offered()
    path = f"{scene.order}/shipment"
    assert scene.resident.refused(409, "POST", path, DOOR) == "order_not_accepted"
    for change in ({"phone": "x"}, {"address": " "}, {"recipient": "x" * 101}, {"medicine": "x"}):
        (field,) = change
        assert {pointer for pointer, _ in scene.resident.rules("POST", path, {**DOOR, **change})} == {f"/{field}"}
