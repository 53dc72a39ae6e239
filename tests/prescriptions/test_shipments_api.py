"""Shipments over HTTP: the whole way, who may do what, and what each sees."""

from app.identity.api import Role
from tests.core.journal.scenes import rows
from tests.platform import Platform, new_tenant
from tests.prescriptions.api_scenes import Scene
from tests.prescriptions.routing_scenes import COUNSELLING, MEDICINES, member, wrong_than
from tests.standing import where_they_stand

DOOR = {"recipient": "李四收", "phone": "+8613812340000", "address": "示范路17号2单元301室"}


def shipping(scene: Scene) -> str:
    """The path of a shipment that was asked for; its order is prepared and paid, and everything of it shippable."""
    system = scene.system(scene.town.shop.scope, "products.manage")
    assert system.do("GET", "/shipping-terms") == {"ships": False}
    assert system.do("PUT", "/shipping-terms", {"ships": True}) == system.do("GET", "/shipping-terms")
    for code, name, *_ in MEDICINES:
        told = {"medicine": code, "name": name, "price": 1000, "stock": 9, "shippable": True}
        assert system.do("POST", "/products", told)["shippable"] is True
    scene.offered()
    assert scene.resident.refused(409, "POST", f"{scene.order}/shipment", DOOR) == "order_not_accepted"
    scene.town.shop.prepare()
    scene.town.shop.settle()
    assert scene.resident.do("GET", scene.order)["shippable"] is True
    return asked(scene)


def asked(scene: Scene) -> str:
    """The path of a fresh shipment of the order."""
    before = scene.resident.ask("GET", scene.order).headers["ETag"]
    known = scene.resident.do("POST", f"{scene.order}/shipment", DOOR)["id"]
    assert scene.resident.do("GET", scene.order, If_None_Match=before)["shipment"] == known
    return f"/shipments/{known}"


def test_what_is_not_brought_after_all(scene: Scene) -> None:
    path, shop = shipping(scene), scene.town.shop
    known = member(shop.scope, Role.COURIER)
    preparer, courier = scene.staff(shop.preparer), scene.staff(known)
    assert preparer.do("POST", f"{path}/declining", {"reason": "too_far"})["state"] == "declined"
    path = asked(scene)
    assert scene.resident.do("POST", f"{path}/calling-off")["reason"] == "by_resident"
    path = asked(scene)
    preparer.do("POST", f"{path}/giving", {"courier": str(known), "counselling": COUNSELLING})
    courier.do("POST", f"{path}/pick-up")
    assert courier.do("POST", f"{path}/incident", {"reason": "not_found"})["state"] == "incident"
    assert preparer.do("POST", f"{path}/return", {"intact": True})["reason"] == "not_found"
    assert [one["state"] for one in courier.do("GET", "/shipments")["data"]] == ["returned"]
    assert len(preparer.do("GET", "/shipments?state=declined")["data"]) == 1


def test_the_whole_way_to_the_door(scene: Scene, platform: Platform) -> None:
    path, shop, resident = shipping(scene), scene.town.shop, scene.resident
    known = member(shop.scope, Role.COURIER)
    preparer, courier = scene.staff(shop.preparer), scene.staff(known)
    give = {"courier": str(known), "counselling": COUNSELLING}
    assert preparer.do("POST", f"{path}/giving", give)["courier"] == str(known)
    seen = courier.do("GET", path)
    assert {name: seen.pop(name) for name in DOOR} == DOOR
    assert set(seen) == {"id", "order", "state", "reason", "courier", "asked_at", "moved_at", "version"}
    assert [one["state"] for one in courier.do("GET", "/shipments")["data"]] == ["given"]
    for step, state in (("pick-up", "picked_up"), ("departure", "under_way")):
        assert courier.do("POST", f"{path}/{step}")["state"] == state
    code = resident.do("GET", scene.order)["pickup_code"]
    assert courier.refused(409, "POST", f"{path}/hand-over", {"pickup_code": wrong_than(code)}) == "wrong_pickup_code"
    assert courier.do("POST", f"{path}/hand-over", {"pickup_code": code})["state"] == "handed_over"
    assert (resident.do("GET", scene.order)["state"], resident.do("GET", path)["phone"]) == ("fulfilled", DOOR["phone"])
    assert courier.refused(403, "GET", path) == "purpose_ended"
    scene.town.settle()
    assert where_they_stand(platform, [DOOR["address"]]) == {DOOR["address"]: []}
    told = "SELECT text FROM journal WHERE tenant_id = %s AND text LIKE '%%record.read%%'"
    ((look,),) = rows(platform, told, shop.scope.tenant)
    assert f"staff:{known}" in look and '"purpose":"shipment"' in look


def test_who_may_not_ship(scene: Scene) -> None:
    path, shop, other = shipping(scene), scene.town.shop, Scene(scene.app, scene.town)
    known = member(shop.scope, Role.COURIER)
    preparer, courier = scene.staff(shop.preparer), scene.staff(known)
    elsewhere = scene.staff(member(new_tenant(), Role.COURIER))
    give = {"courier": str(known), "counselling": COUNSELLING}
    for who in (courier, scene.resident):
        assert who.refused(403, "POST", f"{path}/giving", give) == "forbidden"
    for who in (preparer, scene.resident):
        assert who.refused(403, "POST", f"{path}/pick-up") == "forbidden"
    for hidden in (scene.order, f"{scene.order}/document", "/routing-orders"):
        assert courier.refused(403, "GET", hidden) == "forbidden"
    assert scene.resident.refused(403, "GET", "/shipments") == "forbidden"
    for who in (courier, elsewhere):
        assert who.refused(404, "GET", path) == who.refused(404, "POST", f"{path}/pick-up") == "not_found"
    stranger = other.resident
    assert stranger.refused(404, "GET", path) == stranger.refused(404, "POST", f"{path}/calling-off") == "not_found"
    for change in ({"phone": "x"}, {"address": " "}, {"recipient": "x" * 101}, {"medicine": "x"}):
        (field,) = change
        found = scene.resident.rules("POST", f"{scene.order}/shipment", {**DOOR, **change})
        assert {pointer for pointer, _ in found} == {f"/{field}"}
