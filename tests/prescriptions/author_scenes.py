"""The doctor who wrote, as a pharmacist of the pharmacy that is to supply it."""

from app.core.ids import PublicId
from app.core.unit import Unit, run, unit
from app.identity.api import Role
from tenants.models import Staff
from tests.prescriptions.routing_scenes import Town, member


def author_in(town: Town) -> PublicId:
    """A pharmacist of the first pharmacy's who is the same person as the hospital's doctor."""
    with unit(town.ward.scope) as reading:
        doctor = reading.get(Staff, town.ward.doctor.id)
    also = member(town.shop.scope, Role.PHARMACIST)

    def one_person(opened: Unit) -> None:
        here = opened.get(Staff, also.id)
        assert doctor and here
        here.person_id = doctor.person_id

    run(town.shop.scope, one_person)
    return also
