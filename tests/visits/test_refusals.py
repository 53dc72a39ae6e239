"""What a resident is refused by the rules of practice stands in the journal of a tenant that knows the doctor, once."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from app.core.errors import InvalidInput, NotFound
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Caller
from app.visits.errors import BASIS, LACKS
from app.visits.rules.basis import BasisRefusal, LegalBasis
from app.visits.rules.conclusion import Lack
from app.visits.service.requesting import request
from tenants.api import PRACTICE_WORDS, PracticeRefusal
from tests.platform import Platform
from tests.scheduling.clock import Clock
from tests.visits.scenes import TERMS, Clinic, verified_resident


def test_a_doctor_whom_nobody_knows_leaves_nothing_in_any_journal(platform: Platform, clinic: Clinic) -> None:
    nowhere = Scope.for_tenant(secrets.randbelow(2**50) + 10**9)
    for scope in (clinic.scope, nowhere):
        with pytest.raises(NotFound):
            clinic.asked(doctor=PublicId("sta", scope, new_id()))
    assert refusals_in(platform, clinic.scope) == refusals_in(platform, nowhere) == []


def test_a_refusal_that_is_repeated_is_one_entry_in_a_quarter_of_an_hour(
    platform: Platform, clinic: Clinic, clock: Clock
) -> None:
    clock.in_a_quarter()
    person, wish = verified_resident(), clinic.wish(subject="99")
    by, other = Caller(f"person:{person}"), Caller("system:other")
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(request, person, wish, TERMS, by) for _ in range(4)]
    assert {str(getattr(one, "code", one)) for one in (each.exception() for each in asked)} == {
        "doctor_subject_not_registered"
    }
    assert refusals_in(platform, clinic.scope) == [by.actor]
    for who in (other, other, by):
        with pytest.raises(InvalidInput):
            request(person, wish, TERMS, who)
    assert refusals_in(platform, clinic.scope) == [by.actor, other.actor]
    clock.ahead += timedelta(minutes=15)
    with pytest.raises(InvalidInput):
        request(person, wish, TERMS, by)
    assert refusals_in(platform, clinic.scope) == [by.actor, other.actor, by.actor]


def refusals_in(platform: Platform, scope: Scope) -> list[str]:
    """Who was refused by a rule of practice, as the tenant's journal has it."""
    query = "SELECT actor FROM journal_pending WHERE tenant_id = %s AND type = 'practice.refused' ORDER BY id"
    with platform.connection() as database:
        return [actor for (actor,) in database.execute(query, [scope.tenant])]


@pytest.mark.parametrize(
    ("change", "code", "pointer", "told"),
    [
        ({"subject": "99"}, "doctor_subject_not_registered", "/subject", "not registered in this subject"),
        ({"evidence": None}, "evidence_missing", "/evidence", "needs evidence"),
        ({"basis": LegalBasis.FAMILY_CONTRACT}, "no_family_contract", "/legal_basis", "no family-doctor contract"),
    ],
)
def test_a_refusal_says_what_to_change(
    clinic: Clinic, change: dict[str, Any], code: str, pointer: str, told: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        clinic.asked(**change)
    assert told in refused.value.detail
    assert [(fault.pointer, fault.rule) for fault in refused.value.faults] == [(pointer, code)]


def test_each_refusal_has_words_of_its_own() -> None:
    for known, words in ((BasisRefusal, BASIS), (Lack, LACKS), (PracticeRefusal, PRACTICE_WORDS)):
        assert set(known) == set(words)
        assert len(set(words.values())) == len(words)
