"""Counts by doctor and medicine: for a reason, on two people's word, by the worker, for who asked alone, for a day."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import insert

from app.core.calendar import local_date
from app.core.errors import Forbidden, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.unit import Caller, Unit, database, run
from app.identity.api import Role
from prescriptions import counting_queries
from prescriptions.content import seal_written
from prescriptions.counting_timer import COUNTING
from prescriptions.models.prescribing import Prescription
from prescriptions.names import DRUG_COUNT_ID
from prescriptions.rules.counting import (
    BATCH,
    MOST_COUNTED,
    MOST_DAYS,
    READABLE,
    Counted,
    CountState,
    Prescribed,
    after_batch,
    after_look,
    counts,
    period_fault,
    request_state,
)
from prescriptions.rules.ends import WithdrawReason
from prescriptions.service import counting, ending
from prescriptions.service.counting import Wanted
from prescriptions.service.details import Detail
from tests.core.journal.scenes import eventually
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


def counted(ward: Ward, request: PublicId) -> PublicId:
    """A pharmacist confirms, and the worker counts."""
    counting.confirm(request, caller(ward, Role.PHARMACIST))
    while COUNTING.task(ward.scope):
        pass
    return request


def states(ward: Ward) -> list[str]:
    return [one.state.value for one in counting_queries.requests(ward.scope, {"cursor": None, "limit": 10}).data]


def copied(ward: Ward, of: Detail, times: int) -> None:
    """Let so many others be signed now that say the same."""
    row = ward.now(of)
    same = {column.key: getattr(row, column.key) for column in Prescription.__table__.columns}

    def work(opened: Unit) -> None:
        ids = [new_id() for _ in range(times)]
        rows = [
            same | {"id": id, "signed_at": opened.now, "content": seal_written(opened, id, of.written)} for id in ids
        ]
        opened.session.execute(insert(Prescription), rows)

    run(ward.scope, work)


@contextmanager
def stopped_at_its_end(platform: Platform) -> Iterator[None]:
    """Whoever makes an entry meanwhile is stopped before it, with all done and nothing committed; and killed."""
    killing = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
    with platform.connection() as admin:
        admin.execute("LOCK TABLE journal_pending IN SHARE MODE")
        yield
        eventually(lambda: platform.looking.execute(killing, [admin.info.backend_pid]).fetchone() is not None)


def written(doctor: str, medicine: str, packs: int) -> Prescribed:
    return Prescribed(doctor, f"{doctor}!", medicine, f"{medicine}!", packs)


def test_lines_are_counted_by_doctor_and_medicine() -> None:
    lines = [written("a", "x", 1), written("b", "x", 5), written("a", "x", 2), written("a", "y", 3)]
    assert counts(lines) == [
        Counted("b", "b!", "x", "x!", 1, 5), Counted("a", "a!", "x", "x!", 2, 3), Counted("a", "a!", "y", "y!", 1, 3),
    ]  # fmt: skip
    assert counts([]) == []
    for cut in range(len(lines)):
        assert counts(lines[cut:], counts(lines[:cut])) == counts(lines)


def test_which_way_counts_go() -> None:
    assert [after_look(found) for found in (0, MOST_COUNTED, MOST_COUNTED + 1)] == ["counting", "counting", "too_many"]
    assert [after_batch(size) for size in (0, BATCH - 1, BATCH)] == ["ready", "ready", "counting"]
    assert [request_state("confirmed", made) for made in (*CountState, None)] == [*CountState, "forgotten"]
    assert [request_state(state, None) for state in ("proposed", "withdrawn")] == ["proposed", "withdrawn"]


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
    with pytest.raises(WrongState) as waiting:
        counting.read(request, affairs)
    assert (waiting.value.code, states(ward)) == ("counts_not_ready", ["confirmed"])
    while COUNTING.task(ward.scope):
        pass
    assert states(ward) == ["ready"]
    told = counting.read(request, affairs).counts
    assert [(one.medicine, one.medicine_name, one.prescriptions, one.packs) for one in told] == [
        (CODE, NAME, 2, 4), (OTHER, "缬沙坦胶囊", 1, 1),
    ]  # fmt: skip
    assert {one.doctor for one in told} == {str(ward.clinic.doctor)}
    for other in (pharmacist, caller(ward, Role.MEDICAL_AFFAIRS)):
        with pytest.raises(NotFound):
            counting.read(request, other)


def test_it_is_read_for_a_day_and_each_quarter_is_an_entry(platform: Platform, clock: Clock, ward: Ward) -> None:
    clock.in_a_quarter()
    affairs = caller(ward, Role.MEDICAL_AFFAIRS)
    request = counted(ward, requested(ward, affairs))
    for _ in range(3):
        counting.read(request, affairs)
    clock.forward(seconds=15 * 60)
    counting.read(request, affairs)
    query = "SELECT type FROM journal_pending WHERE tenant_id = %s AND subject = %s ORDER BY id"
    with platform.connection() as admin:
        types = [type for (type,) in admin.execute(query, [ward.scope.tenant, str(request)])]
    assert types == ["drug_counts.confirmed", "drug_counts.made", "drug_counts.read", "drug_counts.read"]
    clock.forward(seconds=READABLE.total_seconds())
    with pytest.raises(NotFound):
        counting.read(request, affairs)
    assert COUNTING.task(ward.scope) == 1
    assert states(ward) == ["forgotten"]


def test_who_is_killed_loses_a_batch_and_counts_none_twice(platform: Platform, ward: Ward) -> None:
    first = ward.signed(line(quantity=2))
    copied(ward, first, BATCH)
    affairs = caller(ward, Role.MEDICAL_AFFAIRS)
    request = requested(ward, affairs)
    counting.confirm(request, caller(ward, Role.PHARMACIST))
    assert (COUNTING.task(ward.scope), COUNTING.task(ward.scope), states(ward)) == (1, 1, ["counting"])
    with ThreadPoolExecutor(1) as worker, stopped_at_its_end(platform):
        last = worker.submit(COUNTING.task, ward.scope)
    assert (last.result(), states(ward)) == (0, ["counting"])
    copied(ward, first, 1)  # after the confirmation
    with ThreadPoolExecutor(2) as workers:
        assert sum(workers.map(COUNTING.task, [ward.scope] * 2)) == 1
    (told,) = counting.read(request, affairs).counts
    assert (told.prescriptions, told.packs) == (BATCH + 1, 2 * (BATCH + 1))


def test_more_than_can_be_counted_are_not_counted(platform: Platform, ward: Ward) -> None:
    row = ward.now(ward.signed())
    fresh = {"id": SQL("gen_random_uuid()"), "content": SQL("''"), "document": SQL("''"), "due_at": SQL("NULL")}
    columns = [column.key for column in Prescription.__table__.columns]
    many = SQL("""INSERT INTO prescriptions ({}) SELECT {} FROM prescriptions, generate_series(1, %s)
        WHERE tenant_id = %s AND id = %s""").format(
        SQL(", ").join(map(Identifier, columns)),
        SQL(", ").join(fresh.get(name, Identifier(name)) for name in columns),
    )
    with platform.connection() as admin:
        admin.execute(many, [MOST_COUNTED, ward.scope.tenant, row.id])
    affairs = caller(ward, Role.MEDICAL_AFFAIRS)
    request = counted(ward, requested(ward, affairs))
    with pytest.raises(WrongState) as refused:
        counting.read(request, affairs)
    assert (refused.value.code, states(ward)) == ("too_many_prescriptions", ["too_many"])


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
    request = counted(ward, requested(ward, affairs))
    assert counting.read(request, affairs).counts == []
