"""A minor's visit is asked for by a guardian, who is named in its entry."""

from datetime import timedelta

import pytest

from app.core.errors import Forbidden
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from app.residents.models import Resident
from app.visits.service.requesting import request
from tests.platform import Platform
from tests.scheduling.scenes import new_resident
from tests.visits.scenes import TERMS, Clinic, today, verify


def aged(years: int) -> Scope:
    """Somebody verified who became `years` old some days ago."""
    scope = Scope.for_person(new_resident())
    verify(scope.require_person())
    day = today() - timedelta(days=400)
    born = day.replace(day=1, year=day.year - years + 1)

    def grow_young(opened: Unit) -> None:
        opened.session.scalars(opened.select(Resident)).one().birth_date = born

    run(scope, grow_young)
    return scope


def test_a_minor_does_not_ask_alone(platform: Platform) -> None:
    clinic, minor = Clinic(), aged(16)
    person = minor.require_person()
    alone = Caller(f"person:{PublicId('per', minor, person)}")
    with pytest.raises(Forbidden) as refused:
        request(person, clinic.wish(), TERMS, alone)
    assert refused.value.code == "guardian_needed"
    behalf = f"person:{PublicId('per', minor, person)}"
    guardian = Caller("person:per_guardian", behalf=behalf)
    visit = request(person, clinic.wish(), TERMS, guardian)
    with platform.connection() as connection:
        query = b"SELECT actor, facts->>'on_behalf_of' FROM journal_pending WHERE tenant_id = %s AND type = %s"
        assert connection.execute(query, [visit.tenant_id, "visit.requested"]).fetchone() == (guardian.actor, behalf)
    grown = aged(19).require_person()
    assert request(grown, clinic.wish(), TERMS, Caller("person:per_x")).resident_id == grown
