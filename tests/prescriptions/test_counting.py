"""Counts by doctor and medicine: for a reason, on two people's word, for who asked alone, for a day."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.core.calendar import local_date
from app.core.errors import Forbidden, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId
from app.core.unit import Caller, database
from app.identity.api import Role
from prescriptions.forgetting import FORGETTING_COUNTS
from prescriptions.names import DRUG_COUNT_ID
from prescriptions.rules.counting import MOST_DAYS, READABLE, Counted, Prescribed, counts, period_fault
from prescriptions.rules.ends import WithdrawReason
from prescriptions.service import counting, ending
from prescriptions.service.counting import Wanted
from tests.platform import Platform
from tests.prescriptions.scenes import CODE, NAME, OTHER, Ward, known, line
from tests.scheduling.clock import Clock

TODAY = date(2026, 3, 31)
REASON = "院内处方点评"


def caller(ward: Ward, role: Role) -> Caller:
    return Caller(f"staff:{ward.clinic.hospital.member(role)}")


def today() -> date:
    return local_date(database().clock.now())


def requested(ward: Ward, by: Caller, **more: Any) -> PublicId:
    wanted = Wanted(**{"begins_on": today() - timedelta(days=1), "ends_on": today(), "reason": REASON, **more})
    return PublicId(DRUG_COUNT_ID, ward.scope, counting.ask(ward.scope, wanted, by).row.id)


def written(doctor: str, medicine: str, packs: int) -> Prescribed:
    return Prescribed(doctor, f"{doctor}!", medicine, f"{medicine}!", packs)


def test_lines_are_counted_by_doctor_and_medicine() -> None:
    lines = [written("a", "x", 1), written("b", "x", 5), written("a", "x", 2), written("a", "y", 3)]
    assert counts(lines) == [
        Counted("b", "b!", "x", "x!", 1, 5), Counted("a", "a!", "x", "x!", 2, 3), Counted("a", "a!", "y", "y!", 1, 3),
    ]  # fmt: skip
    assert counts([]) == []


@pytest.mark.parametrize(
    ("begins_on", "ends_on", "rule"),
    [
        (TODAY, TODAY, None),
        (TODAY - timedelta(days=MOST_DAYS - 1), TODAY, None),
        (TODAY - timedelta(days=MOST_DAYS), TODAY, "period_too_long"),
        (TODAY, TODAY - timedelta(days=1), "period_reversed"),
        (TODAY, TODAY + timedelta(days=1), "period_not_over"),
    ],
)
def test_which_periods_may_be(begins_on: date, ends_on: date, rule: str | None) -> None:
    assert period_fault(begins_on, ends_on, TODAY) == rule


def test_what_was_signed_is_counted_on_two_peoples_word(ward: Ward) -> None:
    ward.signed(line(quantity=1), line(OTHER))
    ward.ready(line(days=21, quantity=3))
    ward.draft(line(days=14, quantity=2))
    affairs, pharmacist = caller(ward, Role.MEDICAL_AFFAIRS), caller(ward, Role.PHARMACIST)
    request = requested(ward, affairs)
    with pytest.raises(NotFound):
        counting.read(request, affairs)
    with pytest.raises(Forbidden) as own:
        counting.confirm(request, affairs)
    assert own.value.code == "own_proposal"
    counting.confirm(request, pharmacist)
    told = counting.read(request, affairs).counts
    assert [(one.medicine, one.medicine_name, one.prescriptions, one.packs) for one in told] == [
        (CODE, NAME, 2, 4), (OTHER, "缬沙坦胶囊", 1, 1),
    ]  # fmt: skip
    assert {one.doctor for one in told} == {str(ward.clinic.doctor)}
    for other in (pharmacist, caller(ward, Role.MEDICAL_AFFAIRS)):
        with pytest.raises(NotFound):
            counting.read(request, other)


def test_it_is_read_for_a_day_and_each_quarter_is_an_entry(platform: Platform, clock: Clock, ward: Ward) -> None:
    affairs = caller(ward, Role.MEDICAL_AFFAIRS)
    request = requested(ward, affairs)
    counting.confirm(request, caller(ward, Role.PHARMACIST))
    for _ in range(3):
        counting.read(request, affairs)
    clock.forward(seconds=15 * 60)
    counting.read(request, affairs)
    query = "SELECT type FROM journal_pending WHERE tenant_id = %s AND subject = %s ORDER BY id"
    with platform.connection() as admin:
        types = [type for (type,) in admin.execute(query, [ward.scope.tenant, str(request)])]
    assert types == ["drug_counts.made", "drug_counts.read", "drug_counts.read"]
    clock.forward(seconds=READABLE.total_seconds())
    with pytest.raises(NotFound):
        counting.read(request, affairs)
    assert FORGETTING_COUNTS.task(ward.scope) == 1


def test_a_withdrawn_request_is_never_counted(ward: Ward) -> None:
    affairs = caller(ward, Role.MEDICAL_AFFAIRS)
    request = requested(ward, affairs)
    assert counting.withdraw(request, affairs).row.state == "withdrawn"
    with pytest.raises(WrongState):
        counting.confirm(request, caller(ward, Role.PHARMACIST))
    with pytest.raises(NotFound):
        counting.read(request, affairs)


def test_a_period_to_come_is_refused(ward: Ward) -> None:
    with pytest.raises(InvalidInput):
        requested(ward, caller(ward, Role.MEDICAL_AFFAIRS), ends_on=today() + timedelta(days=1))


def test_what_was_withdrawn_is_not_counted(ward: Ward) -> None:
    ending.withdraw(ward.doctor, known(ward.signed()), WithdrawReason.WRITTEN_WRONGLY)
    affairs = caller(ward, Role.MEDICAL_AFFAIRS)
    request = requested(ward, affairs)
    counting.confirm(request, caller(ward, Role.PHARMACIST))
    assert counting.read(request, affairs).counts == []
