"""What prescriptions contribute to the export of everything about a person."""

import pytest

from app.core.scope import Scope
from app.edge.exporting import Whose, named_tenants
from prescriptions.exporting import CONTRIBUTION
from prescriptions.ids import prescription_public_id
from tests.platform import Platform
from tests.prescriptions.routing_scenes import NAME, Town
from tests.prescriptions.scenes import Ward, known, person_of

PARTS = CONTRIBUTION.parts


@pytest.fixture
def town(platform: Platform) -> Town:
    """A hospital and a pharmacy."""
    return Town(platform)


def test_prescriptions_with_their_routing_and_orders_with_their_documents(town: Town) -> None:
    prescription = town.prepared()
    town.offered(town.shop)  # somebody else's at the same pharmacy
    person = Scope.for_person(prescription.resident_id)
    town.settle(person)
    whose = Whose(prescription.resident_id, (town.ward.scope.require_tenant(), town.shop.number))
    (order,) = PARTS["routing_orders"](whose)
    assert order["state"] == "prepared"
    assert (order["prescription"], order["resident_name"]) == (str(prescription_public_id(prescription)), NAME)
    assert order["document"]["document"] and order["document"]["signatures"] and order["document"]["check"]
    assert "pickup_code" not in order


def test_signed_ones_alone(platform: Platform) -> None:
    ward = Ward(platform)
    detail = ward.ready()
    person = person_of(detail)
    ward.settle(person)
    whose = Whose(person.require_person(), named_tenants(person.require_person(), CONTRIBUTION.names))
    assert whose.tenants == (ward.scope.tenant,)
    (told,) = PARTS["prescriptions"](whose)
    assert told["id"] == str(known(detail)) == str(prescription_public_id(ward.now(detail)))
    assert (len(told["signatures"]) >= 1, told["routing"]["choices"]) == (True, [])
    (kept,) = PARTS["prescriptions_kept"](whose)
    assert kept["id"] == told["id"]


def test_a_draft_is_the_doctors(platform: Platform) -> None:
    ward = Ward(platform)
    whose = Whose(person_of(ward.draft()).require_person(), (ward.scope.require_tenant(),))
    assert PARTS["prescriptions"](whose) == []
