"""What insurance contributes to the export of everything about a person."""

from app.edge.exporting import Whose, named_tenants
from app.factory import SLICES
from tests.insurance.scenes import World
from tests.insurance.settlements.settlement_scenes import VisitHospital
from tests.insurance.settlements.test_commercial import claimed_visit

NAMES = [column for one in SLICES if one.exports for column in one.exports.names]
PARTS = {name: read for one in SLICES if one.exports for name, read in one.exports.parts.items()}


def test_coverages_settlements_claims_and_cases_of_the_person_alone(world: World, hospital: VisitHospital) -> None:
    who, desk, settled = claimed_visit(world, hospital)
    claimed_visit(world, hospital)  # somebody else's at the same hospital
    world.settle(hospital.scope, who.scope)
    tenants = named_tenants(who.actor.id, NAMES)
    assert set(tenants) == {hospital.scope.tenant, desk.scope.tenant}
    whose = Whose(who.actor.id, tenants)
    (settlement,) = PARTS["settlements"](whose)
    assert settlement == who.actor.do("GET", f"/settlements/{settled['id']}")
    (claim,) = PARTS["claims"](whose)
    assert (claim["id"], claim["settlement"]) == (settled["claim"]["id"], settled["id"])
    (case,) = PARTS["claim_cases"](whose)
    assert (case["id"], case["claim"]) == (desk.ids()[0], claim["id"])
    assert PARTS["coverages"](whose) == who.actor.do("GET", "/me/coverages")["data"]
    assert [visit["visit"]["resident"] for visit in PARTS["visits"](whose)] == [who.actor.do("GET", "/me")["id"]]
