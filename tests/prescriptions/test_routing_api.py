"""Routing over HTTP: who may do what, what each side sees, how requests are refused."""

from typing import Any

import pytest

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.identity.api import Role
from prescriptions.ids import prescription_public_id
from tests.prescriptions.api_scenes import Scene
from tests.prescriptions.routing_scenes import CODE, COUNSELLING, NAME, OTHER, Shop, member, wrong_than


def test_quotes_and_choice(scene: Scene) -> None:
    shop, body = scene.town.shop, {"pharmacies": [str(scene.town.shop.id)]}
    (quote,) = scene.resident.do("POST", f"{scene.path}/quotes", body)["data"]
    assert (quote["pharmacy"], quote["pharmacy_name"], quote["own_dispensary"]) == (str(shop.id), shop.name, False)
    assert (quote["available"], quote["total"], quote["own_cost"]) == (True, 3000, 3000)
    assert quote["lines"][0] == {
        "sequence": 1, "name": "苯磺酸氨氯地平片", "quantity": 2, "price": 1000, "amount": 2000, "available": True,
    }  # fmt: skip
    assert quote["as_of"] < quote["valid_until"]
    made = scene.resident.do("POST", f"{scene.path}/routing", {"choices": [quote["id"]]})
    assert (made["attempt"], made["order"], made["waiting"]) == (1, None, None)
    own = scene.resident.do("GET", "/me/prescriptions")["data"][0]
    assert own["pharmacy_name"] == shop.name
    scene.town.settle(Scope.for_person(scene.resident.id))
    now = scene.resident.do("GET", f"{scene.path}/routing")
    assert (now["order"], now["order_state"]) == (str(shop.known), "offered")
    assert now["choices"] == [
        {
            "quote": quote["id"], "pharmacy": str(shop.id), "pharmacy_name": shop.name, "rank": 1, "state": "offered",
            "reason": None, "attempt": 1, "total": 3000, "own_cost": 3000,
        }
    ]  # fmt: skip
    assert scene.resident.refused(409, "POST", f"{scene.path}/routing", {"choices": [quote["id"]]}) == "order_live"


def test_a_double_tap_is_one_order(scene: Scene) -> None:
    body = {"pharmacies": [str(scene.town.shop.id)]}
    first, again = (scene.resident.do("POST", f"{scene.path}/quotes", body, Idempotency_Key="q") for _ in range(2))
    assert first == again
    choice = {"choices": [first["data"][0]["id"]]}
    answers = [scene.resident.do("POST", f"{scene.path}/routing", choice, Idempotency_Key="c") for _ in range(2)]
    assert answers[0] == answers[1]
    scene.town.settle()
    assert len(scene.town.shop.orders()) == 1


def test_what_a_pharmacy_reads_before_and_after_it_accepts(scene: Scene) -> None:
    scene.offered()
    order, known = scene.order, str(prescription_public_id(scene.prescription))
    system = scene.system(scene.town.shop.scope, "routing_orders.read", "routing_orders.accept")
    before = system.do("GET", order)
    assert (before["state"], before["resident_name"], before["pickup_code"]) == ("offered", None, None)
    assert [line["code"] for line in before["lines"]] == [CODE, OTHER]
    assert (before["prescription"], before["hospital_name"], before["settled"]) == (known, "示范医院", False)
    assert system.refused(409, "GET", f"{order}/document") == "order_not_accepted"
    assert [row["id"] for row in system.do("GET", "/routing-orders?state=offered")["data"]] == [before["id"]]
    assert system.do("GET", "/routing-orders?state=prepared")["data"] == []
    accepted = system.do("POST", f"{order}/acceptance")
    assert (accepted["state"], "resident_name" in accepted) == ("accepted", False)
    assert system.do("GET", order)["resident_name"] == NAME
    paper = system.do("GET", f"{order}/document")
    assert paper["document"]["diagnoses"][0]["code"] == "I10.x05"
    assert [one["role"] for one in paper["signatures"]] == ["doctor", "reviewer"] and paper["check"] is None


def test_the_whole_way_at_the_counter(scene: Scene) -> None:
    scene.offered()
    shop, order = scene.town.shop, scene.order
    pharmacist, preparer = scene.staff(shop.pharmacist), scene.staff(shop.preparer)
    pharmacist.do("POST", f"{order}/acceptance")
    assert pharmacist.do("POST", f"{order}/check")["state"] == "checked"
    assert preparer.do("POST", f"{order}/preparation")["state"] == "preparing"
    assert preparer.refused(409, "POST", f"{order}/verification") == "preparer_verifies"
    assert pharmacist.do("POST", f"{order}/verification")["state"] == "prepared"
    words = {"pickup_code": scene.resident.do("GET", order)["pickup_code"], "counselling": COUNSELLING}
    assert pharmacist.refused(409, "POST", f"{order}/hand-over", words) == "order_not_settled"
    shop.settle()
    wrong = {**words, "pickup_code": wrong_than(words["pickup_code"])}
    assert preparer.refused(409, "POST", f"{order}/hand-over", wrong) == "wrong_pickup_code"
    handed = preparer.do("POST", f"{order}/hand-over", words)
    assert (handed["state"], handed["settled"], handed["handed_over_at"] is not None) == ("fulfilled", True, True)
    assert preparer.refused(409, "POST", f"{order}/hand-over", words) == "order_fulfilled"
    assert scene.resident.do("GET", order)["pickup_code"] is None
    assert pharmacist.do("GET", f"{order}/document")["check"]["role"] == "checked"


def test_five_wrong_codes_over_http(scene: Scene) -> None:
    scene.offered()
    shop, order = scene.town.shop, scene.order
    shop.prepare()
    shop.settle()
    pharmacist, code = scene.staff(shop.pharmacist), scene.resident.do("GET", order)["pickup_code"]
    wrong = {"pickup_code": wrong_than(code), "counselling": COUNSELLING}
    # the same request repeated with its key is one try
    for _ in range(3):
        assert pharmacist.refused(409, "POST", f"{order}/hand-over", wrong, Idempotency_Key="x") == "wrong_pickup_code"
    assert shop.order().wrong_codes == 1
    for _ in range(4):
        pharmacist.refused(409, "POST", f"{order}/hand-over", wrong)
    right = {**wrong, "pickup_code": code}
    assert pharmacist.refused(409, "POST", f"{order}/hand-over", right) == "pickup_locked"
    assert pharmacist.do("GET", order)["locked"] is True
    assert scene.resident.do("POST", f"{order}/pickup-code")["locked"] is False
    fresh = {**wrong, "pickup_code": scene.resident.do("GET", order)["pickup_code"]}
    assert pharmacist.do("POST", f"{order}/hand-over", fresh)["state"] == "fulfilled"


def test_what_an_ended_order_still_shows(scene: Scene) -> None:
    scene.offered()
    shop, order = scene.town.shop, scene.order
    pharmacist = scene.staff(shop.pharmacist)
    pharmacist.do("POST", f"{order}/acceptance")
    assert pharmacist.do("POST", f"{order}/release", {"reason": "closed"})["reason"] == "closed"
    after = pharmacist.do("GET", order)
    assert (after["lines"], after["resident_name"], after["total"]) == ([], None, 3000)
    assert pharmacist.refused(409, "GET", f"{order}/document") == "order_ended"
    scene.town.settle(Scope.for_person(scene.resident.id))
    own = scene.resident.do("GET", "/me/prescriptions")["data"][0]
    assert (own["state"], own["order"], own["waiting"]) == ("ready", None, "choice")


def test_declined_and_taken_back(scene: Scene) -> None:
    scene.offered()
    pharmacist = scene.staff(scene.town.shop.pharmacist)
    assert pharmacist.refused(422, "POST", f"{scene.order}/declining", {"reason": "bored"}) == "invalid_input"
    assert pharmacist.do("POST", f"{scene.order}/declining", {"reason": "out_of_stock"})["state"] == "declined"
    assert scene.resident.refused(409, "POST", f"{scene.order}/revocation") == "order_ended"
    answer = pharmacist.ask("POST", f"{scene.order}/acceptance").get_json()
    assert (answer["code"], answer["detail"]) == ("order_ended", "the order is declined (out_of_stock)")
    scene.town.settle()
    scene.offered()
    assert scene.resident.do("POST", f"{scene.order}/revocation")["reason"] == "by_resident"


def test_who_may_not(scene: Scene) -> None:
    scene.offered()
    shop, order = scene.town.shop, scene.order
    pharmacist, preparer, other = scene.staff(shop.pharmacist), scene.staff(shop.preparer), Scene(scene.app, scene.town)
    system = scene.system(shop.scope, "routing_orders.read", "routing_orders.accept", "products.manage")
    words = {"pickup_code": "000000", "counselling": "x"}
    for who in (preparer, scene.resident, scene.staff(member(shop.scope, Role.REGISTRAR))):
        assert who.refused(403, "POST", f"{order}/acceptance") == "forbidden"
    for who in (preparer, system):
        assert who.refused(403, "POST", f"{order}/check") == "forbidden"
    assert system.refused(403, "POST", f"{order}/hand-over", words) == "forbidden"
    for who in (pharmacist, system):
        assert who.refused(403, "POST", f"{order}/revocation") == "forbidden"
        assert who.refused(403, "POST", f"{scene.path}/routing", {"choices": []}) == "forbidden"
    assert scene.resident.refused(403, "GET", "/routing-orders") == "forbidden"
    assert scene.resident.refused(403, "GET", "/products") == "forbidden"
    for path in (order, f"{order}/document", f"{scene.path}/routing"):
        assert other.resident.refused(404, "GET", path) == "not_found"
    for act in ("revocation", "pickup-code"):
        assert other.resident.refused(404, "POST", f"{order}/{act}") == "not_found"
    elsewhere = scene.staff(Shop().pharmacist)
    assert elsewhere.refused(404, "GET", order) == "not_found"
    assert elsewhere.refused(404, "POST", f"{order}/acceptance") == "not_found"
    assert elsewhere.refused(404, "POST", f"{order}/hand-over", words) == "not_found"


def test_products(scene: Scene) -> None:
    shop = scene.town.shop
    system = scene.system(shop.scope, "products.manage")
    told = {"medicine": "86900000000099", "name": "阿司匹林肠溶片", "price": 850, "stock": 3}
    made = system.do("POST", "/products", told)
    assert (made["medicine"], made["price"], made["stock"], made["version"]) == ("86900000000099", 850, 3, 1)
    again = scene.staff(shop.pharmacist).do("POST", "/products", {**told, "stock": 0})
    assert (again["id"], again["stock"], again["version"]) == (made["id"], 0, 2)
    found = system.do("GET", "/products?name=阿司匹林")["data"]
    assert [row["id"] for row in found] == [made["id"]]
    assert len(system.do("GET", "/products")["data"]) == 3
    for change in ({"price": 0}, {"price": -1}, {"price": 2**63}, {"price": 1.5}, {"stock": -1}, {"medicine": " "}):
        assert system.refused(422, "POST", "/products", {**told, **change}) == "invalid_input"
    assert scene.system(Shop().scope, "products.manage").do("GET", "/products?name=阿司匹林")["data"] == []


def bad_bodies() -> list[tuple[str, dict[str, Any], str]]:
    """Where, what, and which fault."""
    tenant = str(PublicId("ten", Scope.for_tenant(7), new_id()))
    quote = str(PublicId("quo", Scope.for_tenant(7), new_id()))
    return [
        ("quotes", {"pharmacies": []}, "/pharmacies"),
        ("quotes", {"pharmacies": [tenant] * 11}, "/pharmacies"),
        ("quotes", {"pharmacies": [quote]}, "/pharmacies/0"),
        ("quotes", {"pharmacies": [tenant]}, "/pharmacies/0"),
        ("routing", {"choices": []}, "/choices"),
        ("routing", {"choices": [quote, quote]}, "/choices"),
        ("routing", {"choices": [quote]}, "/choices/0"),
    ]


@pytest.mark.parametrize(("where", "body", "pointer"), bad_bodies(), ids=range(7))
def test_a_request_that_cannot_be(scene: Scene, where: str, body: dict[str, Any], pointer: str) -> None:
    assert pointer in [one for one, _ in scene.resident.rules("POST", f"{scene.path}/{where}", body)]


def test_a_code_that_cannot_be_one_costs_no_try(scene: Scene) -> None:
    scene.offered()
    shop = scene.town.shop
    shop.prepare()
    shop.settle()
    for code in ("12345", "1234567", "12345a", "１２３４５６"):
        body = {"pickup_code": code, "counselling": "x"}
        assert scene.staff(shop.pharmacist).refused(422, "POST", f"{scene.order}/hand-over", body) == "invalid_input"
    assert shop.order().wrong_codes == 0
