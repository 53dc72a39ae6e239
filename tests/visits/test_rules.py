"""The rules of visits: every state with every event, evidence by the day, what a conclusion needs."""

import re
from datetime import date, timedelta
from itertools import product

import pytest

from app.visits.rules.basis import CODE, Evidence, EvidenceKind, LegalBasis, months_before, refusal, same_group
from app.visits.rules.conclusion import Diagnosis, Written, lack
from app.visits.rules.moves import REMIND_FOR, WORKED_ON, Conduct, Effect, Event, State, at_time_up, move

TODAY = date(2026, 8, 31)
NOW = timedelta(0)
PATHS = {
    (State.AWAITING_PAYMENT, Event.PAID): State.PAID,
    (State.AWAITING_PAYMENT, Event.CANCELED): State.CANCELED,
    (State.AWAITING_PAYMENT, Event.TIME_UP): State.CANCELED,
    (State.CANCELED, Event.PAID): State.CANCELED,
    (State.PAID, Event.CANCELED): State.CANCELED,
    (State.PAID, Event.TAKEN): State.TAKEN,
    (State.PAID, Event.DECLINED): State.DECLINED,
    (State.PAID, Event.TIME_UP): State.NOT_TAKEN,
    (State.TAKEN, Event.COMPLETED): State.COMPLETED,
    (State.TAKEN, Event.STOPPED): State.STOPPED,
    (State.TAKEN, Event.TIME_UP): State.ABANDONED,
    (State.TAKEN, Event.LEFT_OPEN): State.UNCONCLUDED,
    (State.UNCONCLUDED, Event.LEFT_OPEN): State.UNCONCLUDED,
    (State.UNCONCLUDED, Event.LEFT_ALONE): State.UNCONCLUDED,
    (State.UNCONCLUDED, Event.COMPLETED): State.COMPLETED,
    (State.UNCONCLUDED, Event.TIME_UP): State.ABANDONED,
    (State.UNCONCLUDED, Event.GIVEN_UP): State.ABANDONED,
}
ENDS = {State.DECLINED, State.NOT_TAKEN, State.CANCELED, State.COMPLETED, State.STOPPED, State.ABANDONED}


MOVES = {cell: found for cell in product(State, Event) if (found := move(*cell))}


def test_every_event_in_every_state() -> None:
    assert {cell: found.state for cell, found in MOVES.items()} == PATHS


def test_a_fee_that_was_paid_goes_back_unless_the_visit_is_completed() -> None:
    badly = {cell for cell, to in PATHS.items() if to in ENDS - {State.COMPLETED}}
    was_paid = {*product((State.PAID, *WORKED_ON), Event), (State.CANCELED, Event.PAID)}
    assert {cell for cell, found in MOVES.items() if Effect.REFUND in found.effects} == badly & was_paid
    unpaid = set(product([State.AWAITING_PAYMENT], Event))
    assert {cell for cell, found in MOVES.items() if Effect.CLOSE_BILL in found.effects} == badly & unpaid


def test_why_the_time_was_up() -> None:
    idle = Conduct(wrote=False, prescribed=False, concludable=False, overdue=REMIND_FOR)
    found = {state: at_time_up(state, idle) for state in State}
    assert {event for event, _ in found.values()} == {Event.TIME_UP}
    assert {state: why for state, (_, why) in found.items() if why} == {
        State.AWAITING_PAYMENT: "unpaid", State.TAKEN: "no_word", State.UNCONCLUDED: "no_word",
    }  # fmt: skip


@pytest.mark.parametrize("state", WORKED_ON)
def test_a_signed_prescription_is_care(state: State) -> None:
    expected = {
        Conduct(True, False, False, NOW): (Event.TIME_UP, "not_concluded"),
        Conduct(True, False, True, NOW): (Event.TIME_UP, "not_concluded"),
        Conduct(True, True, True, NOW): (Event.COMPLETED, "by_record"),
        Conduct(True, True, False, NOW): (Event.LEFT_OPEN, None),
        Conduct(False, True, False, NOW): (Event.LEFT_OPEN, None),
    }
    assert {conduct: at_time_up(state, conduct) for conduct in expected} == expected


@pytest.mark.parametrize("short", [timedelta(0), timedelta(seconds=1)])
def test_reminding_has_an_end_and_a_beginning(short: timedelta) -> None:
    conduct = Conduct(wrote=True, prescribed=True, concludable=False, overdue=REMIND_FOR - short)
    found = [at_time_up(state, conduct)[0] for state in WORKED_ON]
    assert found == [Event.LEFT_OPEN, Event.LEFT_OPEN if short else Event.LEFT_ALONE]


def of(day: date, code: str = "I10") -> Evidence:
    return Evidence(EvidenceKind.DISCHARGE_SUMMARY, "x", code, day)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (TODAY, None),
        (TODAY + timedelta(days=1), "evidence_in_future"),
        (date(2026, 2, 28), None),
        (date(2026, 2, 27), "evidence_stale"),
    ],
)
def test_evidence_is_fresh_for_six_months(day: date, expected: str | None) -> None:
    assert refusal(LegalBasis.FOLLOW_UP, of(day), TODAY, contract=False) == expected


@pytest.mark.parametrize(
    ("basis", "evidence", "contract", "expected"),
    [
        (LegalBasis.FOLLOW_UP, None, True, "evidence_missing"),
        (LegalBasis.WITH_DOCTOR_PRESENT, None, True, "evidence_missing"),
        (LegalBasis.WITH_DOCTOR_PRESENT, of(TODAY), False, None),
        (LegalBasis.FAMILY_CONTRACT, None, True, None),
        (LegalBasis.FAMILY_CONTRACT, of(TODAY), False, "no_family_contract"),
        (LegalBasis.FAMILY_CONTRACT, of(date(2020, 1, 1)), True, "evidence_stale"),
    ],
)
def test_each_basis_asks_for_its_own(
    basis: LegalBasis, evidence: Evidence | None, contract: bool, expected: str | None
) -> None:
    assert refusal(basis, evidence, TODAY, contract=contract) == expected


def test_months_before_ends_in_the_month() -> None:
    assert months_before(date(2026, 3, 15), 6) == date(2025, 9, 15)
    assert months_before(date(2028, 8, 31), 6) == date(2028, 2, 29)
    assert months_before(date(2026, 12, 31), 6) == date(2026, 6, 30)
    assert months_before(date(2026, 6, 30), 6) == date(2025, 12, 30)


def test_codes_that_are_icd_10() -> None:
    right = ["I10", "I10.x05", "E11.900x001", "U07.1"]
    wrong = ["", "i10", "I1", "I10.", "I10\n", "高血压", "I10.123456789"]
    assert [code for code in right + wrong if re.match(CODE, code)] == right


def test_a_group_is_three_characters() -> None:
    assert same_group("I10.x05", "I10")
    assert not same_group("I10", "I11.9")


FULL = Written("x", "y", "z", (Diagnosis("I10.x09", "n"),))


def test_what_a_completion_needs() -> None:
    expected = {
        (FULL, True, True): None,
        (FULL, False, True): "evidence_not_accepted",
        (FULL, True, False): "no_word_of_doctor",
        (Written("x", "y", "", FULL.diagnoses), True, True): "no_conclusion",
        (Written("x", "y", "z"), True, True): "no_diagnosis",
        (Written("", "", "z", (Diagnosis("E11", "n"),)), True, True): "diagnosis_outside_evidence",
        (Written("", "", "z", (*FULL.diagnoses, Diagnosis("E11", "n"))), True, True): "diagnosis_outside_evidence",
        (Written("", "", "z", FULL.diagnoses), True, True): None,
    }
    found = {
        (written, accepted, wrote): lack(written, of(TODAY, "I10.x05"), accepted=accepted, doctor_wrote=wrote)
        for written, accepted, wrote in expected
    }
    assert found == expected


def test_without_evidence_any_diagnosis_will_do() -> None:
    written = Written("", "", "z", (Diagnosis("E11", "n"),))
    assert lack(written, None, accepted=False, doctor_wrote=True) is None
