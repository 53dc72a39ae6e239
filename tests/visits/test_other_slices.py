"""What other slices learn of a visit."""

import pytest

from app.core.errors import NotFound
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import unit
from app.visits.api import visit_to_claim, visit_to_prescribe
from app.visits.ids import visit_public_id
from app.visits.rules.basis import LegalBasis
from app.visits.rules.conclusion import Diagnosis
from app.visits.rules.moves import State, StopReason
from app.visits.service import acting
from tests.platform import Platform, new_tenant
from tests.visits.scenes import CODE, FEE, Clinic, settle


def test_what_bears_a_prescription(platform: Platform, clinic: Clinic) -> None:
    taken = clinic.taken(platform)
    with unit(clinic.scope) as reading:
        fresh = visit_to_prescribe(reading, taken.id)
    assert (fresh.state, fresh.evidence_code, fresh.diagnoses, fresh.refunded) == (State.TAKEN, None, (), False)
    ready = clinic.ready(platform)
    with unit(clinic.scope) as reading:
        found = visit_to_prescribe(reading, ready.id)
    assert (found.id, found.resident, found.doctor) == (visit_public_id(ready), ready.resident_id, clinic.doctor.id)
    assert (found.evidence_code, found.legal_basis) == (CODE, LegalBasis.FOLLOW_UP)
    assert found.diagnoses == (Diagnosis("I10.x09", "高血压病"),)
    assert found.institution_name == "示范医院"
    assert [words for words in (CODE, "I10.x09") if words in repr(found)] == []


def test_what_may_be_claimed_for(platform: Platform, clinic: Clinic) -> None:
    ready = clinic.ready(platform)
    own = Scope.for_tenant(clinic.scope.require_tenant(), as_resident=ready.resident_id)
    with unit(own) as reading:
        before = visit_to_claim(reading, ready.id)
    assert (before.state, before.completed_at, before.fee) == (State.TAKEN, None, FEE)
    acting.complete(clinic.viewer(), visit_public_id(ready))
    with unit(own) as reading:
        found = visit_to_claim(reading, ready.id)
    assert (found.state, found.diagnoses, found.bill.id) == (State.COMPLETED, ("I10.x09",), ready.bill_id)
    assert found.completed_at == clinic.now(ready).ended_at
    assert found.completed_at is not None
    assert not found.refunded


def test_a_stopped_visit_is_refunded_and_was_never_completed(platform: Platform, clinic: Clinic) -> None:
    ready = clinic.ready(platform)
    acting.stop(clinic.viewer(), visit_public_id(ready), StopReason.RED_FLAG)
    settle(platform, clinic.scope)
    with unit(clinic.scope) as reading:
        found = visit_to_claim(reading, ready.id)
        assert visit_to_prescribe(reading, ready.id).refunded
    assert (found.state, found.completed_at, found.refunded) == (State.STOPPED, None, True)


def test_what_is_not_there(platform: Platform, clinic: Clinic) -> None:
    ready = clinic.ready(platform)
    for scope, known in ((clinic.scope, new_id()), (new_tenant(), ready.id)):
        for ask in (visit_to_claim, visit_to_prescribe):
            with unit(scope) as reading, pytest.raises(NotFound):
                ask(reading, known)
