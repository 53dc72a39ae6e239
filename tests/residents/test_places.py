"""What families, the desk and corrections keep encrypted is sealed for the place that its model says, so that it is
found and sealed anew when keys change.
"""

from typing import Any

from app.core.encrypted import encrypted_columns, place_of
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.residents.closing.models import DeathRecord
from app.residents.corrections.models import Correction
from app.residents.family.models import CivilPaper, Representation, Represented
from app.visits.ids import visit_public_id
from prescriptions.models import Shipment
from tenants.api import PLATFORM
from tests.prescriptions.routing_scenes import Town
from tests.prescriptions.shipping_scenes import Round
from tests.residents.closing.test_deaths import certificate
from tests.residents.family.scenes import born, registered, scope_of
from tests.residents.world import World, new_number
from tests.visits.scenes import Clinic


def opened(scope: Scope, model: Any, id: str) -> set[str]:
    """The encrypted columns of that row that open at the place that the model says."""
    with unit(scope) as reading:
        row = reading.get(model, PublicId.parse(id, id.partition("_")[0]).id)
        assert row
        columns = [column for column in encrypted_columns(model.__table__) if getattr(row, column.name)]
        for column in columns:
            reading.cipher.open(getattr(row, column.name), place_of(column, scope, {"id": row.id}))
    return {column.name for column in columns}


def test_of_a_guardian(world: World) -> None:
    guardian = world.resident()
    child = registered(guardian)
    own = Scope.for_person(guardian.id)
    assert opened(own, Represented, child["id"]) == {"name"}
    in_child = str(PublicId("rep", scope_of(child["person"]), PublicId.parse(child["id"], "rpd").id))
    assert opened(scope_of(child["person"]), Representation, in_child) == {"actor_name"}


def test_of_the_desk(world: World) -> None:
    number, operator = new_number(), world.member(PLATFORM, "platform_operator")
    person = world.resident(number=number)
    paper = {"kind": "guardianship", "name": "张小宝", "number": new_number(born(4)), "paper_number": "H-1"}
    handed_in = person.do("POST", "/me/civil-papers", {**paper, "paper": "household_register"})
    assert opened(PLATFORM, CivilPaper, handed_in["id"]) == {"content"}
    death = operator.do("POST", "/deaths", certificate(number))
    assert opened(PLATFORM, DeathRecord, death["id"]) == {"content"}


def test_of_a_correction(world: World) -> None:
    clinic, person = Clinic(), world.resident()
    affairs = world.member(clinic.scope, "medical_affairs")
    subject = str(visit_public_id(clinic.taken(world.platform, person=person.id)))
    wish = person.do("POST", "/me/corrections", {"subject": subject, "wrong": "左", "right": "右"})["id"]
    affairs.do("POST", f"/corrections/{wish}/declining", {"reason": "it_is_right", "text": "无误"})
    person.do("POST", f"/me/corrections/{wish}/statement", {"text": "不同意"})
    assert opened(clinic.scope, Correction, wish) == {"request", "answer", "statement"}


def test_of_a_parcel(world: World) -> None:
    way = Round(Town(world.platform)).asked()
    assert opened(way.shop.scope, Shipment, str(way.known)) == {"destination"}
