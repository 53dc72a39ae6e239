"""Licenses end, are renewed on papers that the operator checks, and are revoked."""

from datetime import date, timedelta
from typing import Any

from app.core.carry import carry
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from tenants.names import DECIDE_LICENSE, LICENSE_ID, PLATFORM, PUBLISH, REVIEW_ID, SUBMIT_LICENSE
from tests.days import today
from tests.tenants.conftest import Clock
from tests.tenants.world import Tenant, World, at_once, paper, recorded


def hand_in(world: World, tenant: Tenant, document: dict[str, Any]) -> tuple[str, str]:
    """The tenant's license and the operator's review of it."""
    license = tenant.administrator.do("POST", "/licenses", document)
    assert license["state"] == "submitted"
    world.settle(tenant.scope)
    reviews = world.all(world.operator, "/license-reviews")
    return license["id"], next(one["id"] for one in reviews if one["license"] == license["id"])


def decide(world: World, tenant: Tenant, review: str, how: str = "approval") -> None:
    path = f"/license-reviews/{review}/{how}"
    if how == "rejection":
        world.operator.do("POST", path, {"reason": "看不清"})
    else:
        world.decide(path)
    world.settle(tenant.scope)


def held(tenant: Tenant) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in tenant.administrator.do("GET", "/licenses?limit=100")["data"]}


def valid(tenant: Tenant, kind: str) -> dict[str, Any]:
    found = [one for one in held(tenant).values() if (one["kind"], one["state"]) == (kind, "valid")]
    assert len(found) == 1
    return found[0]


def listed(world: World, tenant: Tenant) -> dict[str, Any]:
    found = world.all(world.operator, f"/directory/tenants?name={tenant.name}")
    return next(one for one in found if one["id"] == tenant.id)


def capabilities(tenant: Tenant) -> list[str]:
    return list(tenant.administrator.do("GET", "/tenants/current")["capabilities"])


def test_a_renewed_license_takes_the_place_of_the_former(world: World, pharmacy: Tenant) -> None:
    former = valid(pharmacy, "drug_supply_license")
    later = today() + timedelta(days=900)
    document = paper("drug_supply_license", later, number=former["number"])
    license, review = hand_in(world, pharmacy, document)
    assert valid(pharmacy, "drug_supply_license")["id"] == former["id"]
    decide(world, pharmacy, review)
    now = held(pharmacy)
    assert (now[former["id"]]["state"], now[former["id"]]["version"]) == ("replaced", 2)
    assert (now[license]["state"], now[license]["version"]) == ("valid", 2)
    shown = {one["id"]: one["valid_until"] for one in listed(world, pharmacy)["licenses"]}
    assert shown[license] == str(later)
    assert former["id"] not in shown
    assert recorded(pharmacy.scope)[-4:] == [
        "license.submitted", "license.replaced", "license.approved", "tenant.licenses_changed",
    ]  # fmt: skip


def test_a_further_license_is_added(world: World, clinic: Tenant) -> None:
    assert capabilities(clinic) == ["prescribe", "see_in_person"]
    for kind in ("internet_hospital_license", "mlps_level_3"):
        license, review = hand_in(world, clinic, paper(kind))
        decide(world, clinic, review)
        assert valid(clinic, kind)["id"] == license
    assert capabilities(clinic) == ["prescribe", "see_in_person", "visit_online"]
    assert listed(world, clinic)["capabilities"] == capabilities(clinic)


def test_what_licenses_allow_is_told_anew_each_time(clinic: Tenant) -> None:
    """A license ends with its day, and no version tells of that."""
    told = clinic.administrator.ask("GET", "/tenants/current")
    again = clinic.administrator.ask("GET", "/tenants/current", If_None_Match=told.headers["ETag"])
    assert (again.status_code, again.json) == (200, told.json)


def test_what_waits_allows_nothing(world: World, clinic: Tenant) -> None:
    hand_in(world, clinic, paper("insurance_agreement"))
    assert "settle_with_scheme" not in capabilities(clinic)
    assert "settle_with_scheme" not in listed(world, clinic)["capabilities"]


def test_a_rejected_paper_changes_nothing_and_says_why(world: World, pharmacy: Tenant) -> None:
    former = valid(pharmacy, "drug_supply_license")
    license, review = hand_in(world, pharmacy, paper("drug_supply_license", number=former["number"]))
    decide(world, pharmacy, review, "rejection")
    assert (held(pharmacy)[license]["state"], held(pharmacy)[license]["reason"]) == ("rejected", "看不清")
    assert valid(pharmacy, "drug_supply_license") == former
    hand_in(world, pharmacy, paper("drug_supply_license", number=former["number"]))


def test_a_paper_that_waits_is_not_handed_in_again(world: World, pharmacy: Tenant) -> None:
    document = paper("drug_supply_license")
    answers = at_once(
        *[lambda: pharmacy.administrator.ask("POST", "/licenses", document).status_code for _ in range(3)]
    )
    assert sorted(answers) == [201, 409, 409]
    assert pharmacy.administrator.refused(409, "POST", "/licenses", document) == "license_submitted"


def test_papers_that_cannot_be_handed_in(world: World, pharmacy: Tenant) -> None:
    strange, ended = paper("clinic_filing"), paper("drug_supply_license", today() - timedelta(days=1))
    refused = [pharmacy.administrator.rules("POST", "/licenses", document) for document in (strange, ended)]
    assert refused == [{("/kind", "document_not_of_kind")}, {("/valid_until", "document_expired")}]


def test_a_license_that_names_subjects_must_name_some(world: World, clinic: Tenant) -> None:
    document = paper("clinic_filing", subjects=[])
    assert clinic.administrator.rules("POST", "/licenses", document) == {("/subjects", "subjects_missing")}


def test_a_review_is_decided_once(world: World, pharmacy: Tenant) -> None:
    _, review = hand_in(world, pharmacy, paper("drug_supply_license"))

    def one(how: str) -> int:
        return world.operator.ask("POST", f"/license-reviews/{review}/{how}", {"reason": "x"}).status_code

    answers = at_once(*[lambda how=how: one(how) for how in ("rejection", "rejection")])
    assert sorted(answers) == [200, 409]
    assert world.operator.refused(409, "POST", f"/license-reviews/{review}/approval") == "license_decided"
    assert review not in [waiting["id"] for waiting in world.all(world.operator, "/license-reviews")]


def test_a_paper_that_ended_while_it_waited_is_not_approved(world: World, clock: Clock) -> None:
    pharmacy = world.open("pharmacy")
    _, review = hand_in(world, pharmacy, paper("drug_supply_license", today()))
    clock.ahead = timedelta(days=1)
    operator = world.act(world.again(world.operator), world.operator_member)
    path = f"/license-reviews/{review}/approval"
    assert operator.rules("POST", path) == {("/valid_until", "document_expired")}
    assert operator.do("POST", f"/license-reviews/{review}/rejection", {"reason": "x"})["state"] == "rejected"


def test_what_a_license_allows_ends_with_its_last_day(world: World, clock: Clock) -> None:
    ending = [paper("drug_supply_license"), paper("online_sale_report", today())]
    pharmacy = world.open("pharmacy", documents=ending)
    assert capabilities(pharmacy) == ["sell_online", "supply_medicines"]
    assert listed(world, pharmacy)["capabilities"] == ["sell_online", "supply_medicines"]
    clock.ahead = timedelta(days=1)
    again = world.act(world.again(pharmacy.person), pharmacy.administrator_id)
    assert again.do("GET", "/tenants/current")["capabilities"] == ["supply_medicines"]
    found = world.all(world.stranger(), f"/directory/tenants?name={pharmacy.name}")
    assert [one["capabilities"] for one in found] == [["supply_medicines"]]


def test_a_revoked_license_allows_nothing_from_then_on(world: World, pharmacy: Tenant) -> None:
    license = valid(pharmacy, "drug_supply_license")
    body = {"reason": "吊销"}
    world.decide(f"/licenses/{license['id']}/revocation", body)
    world.settle(pharmacy.scope)
    now = held(pharmacy)[license["id"]]
    assert (now["state"], now["reason"]) == ("revoked", "吊销")
    assert capabilities(pharmacy) == []
    assert license["id"] not in [one["id"] for one in listed(world, pharmacy)["licenses"]]
    assert world.operator.refused(404, "POST", f"/licenses/{license['id']}/revocation", body) == "not_found"
    assert recorded(pharmacy.scope)[-2:] == ["license.revoked", "tenant.licenses_changed"]


def test_a_license_can_be_held_again_after_a_revocation(world: World, pharmacy: Tenant) -> None:
    license = valid(pharmacy, "drug_supply_license")
    world.decide(f"/licenses/{license['id']}/revocation", {"reason": "x"})
    world.settle(pharmacy.scope)
    again, review = hand_in(world, pharmacy, paper("drug_supply_license", number=license["number"]))
    decide(world, pharmacy, review)
    assert valid(pharmacy, "drug_supply_license")["id"] == again


def test_a_revocation_after_a_renewal_meets_what_was_revoked(world: World, pharmacy: Tenant) -> None:
    former = valid(pharmacy, "drug_supply_license")
    license, review = hand_in(world, pharmacy, paper("drug_supply_license", number=former["number"]))
    world.decide(f"/license-reviews/{review}/approval")
    world.decide(f"/licenses/{former['id']}/revocation", {"reason": "x"})
    world.settle(pharmacy.scope)
    states = {id: one["state"] for id, one in held(pharmacy).items() if id in (former["id"], license)}
    assert states == {former["id"]: "replaced", license: "valid"}


def test_relays_of_licenses_applied_again_change_nothing(world: World, pharmacy: Tenant) -> None:
    license, review = hand_in(world, pharmacy, paper("drug_supply_license"))
    decide(world, pharmacy, review)
    before = recorded(pharmacy.scope), held(pharmacy)
    relays = [
        (pharmacy.scope, world.relay(pharmacy.scope, SUBMIT_LICENSE, PLATFORM)),
        (PLATFORM, world.relay(PLATFORM, DECIDE_LICENSE, pharmacy.scope)),
        (pharmacy.scope, world.relay(pharmacy.scope, PUBLISH, PLATFORM)),
    ]
    for giver, relay in relays:
        world.send_again(giver, relay)
        assert carry(giver, world.heard.handlers)
    world.settle(pharmacy.scope)
    assert (recorded(pharmacy.scope), held(pharmacy)) == before
    assert [one for one in world.all(world.operator, "/license-reviews") if one["license"] == license] == []


def test_ids_that_name_nothing_are_not_found(world: World, pharmacy: Tenant, clinic: Tenant) -> None:
    reviews = [PublicId(REVIEW_ID, PLATFORM, new_id()), PublicId(REVIEW_ID, clinic.scope, new_id())]
    for id in [*map(str, reviews), "lrv_0", clinic.id]:
        for how, body in (("approval", None), ("rejection", {"reason": "x"})):
            assert world.operator.refused(404, "POST", f"/license-reviews/{id}/{how}", body) == "not_found"
    licenses = [
        PublicId(LICENSE_ID, pharmacy.scope, new_id()),
        PublicId(LICENSE_ID, Scope.for_tenant(2**52), new_id()),
        PublicId(LICENSE_ID, Scope.for_person(new_id()), new_id()),
        PublicId(LICENSE_ID, PLATFORM, new_id()),
    ]
    for id in [*map(str, licenses), "lic_0", pharmacy.id]:
        assert world.operator.refused(404, "POST", f"/licenses/{id}/revocation", {"reason": "x"}) == "not_found"


def test_only_administrators_hand_in(world: World, clinic: Tenant) -> None:
    registrar, joined = world.join(clinic, {"name": "x", "roles": ["registrar"]})
    acting = world.act(registrar, joined)
    assert acting.refused(403, "POST", "/licenses", paper("clinic_filing")) == "forbidden"
    assert acting.refused(403, "GET", "/licenses") == "forbidden"
    assert world.person().refused(403, "POST", "/licenses", paper("clinic_filing")) == "forbidden"


def test_a_tenant_reads_its_own_licenses(world: World, clinic: Tenant, pharmacy: Tenant) -> None:
    assert not set(held(clinic)) & set(held(pharmacy))
    assert {one["kind"] for one in held(pharmacy).values()} == {"drug_supply_license", "online_sale_report"}
    assert all(date.fromisoformat(one["valid_until"]) > today() for one in held(pharmacy).values())
