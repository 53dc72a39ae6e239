"""What the rules find, each at its boundary."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.visits.rules.basis import LegalBasis
from app.visits.rules.moves import State
from prescriptions.rules.findings import Basis, Case, Code, Severity, blocking, findings, unanswered
from prescriptions.rules.lines import THOUSAND, TIMES, Control, Frequency, Line, daily, needed
from tests.prescriptions.scenes import AMLODIPINE, AMOXICILLIN, VALSARTAN, line

TODAY = date(2026, 3, 1)
BASIS = Basis(State.TAKEN, None, False, LegalBasis.FOLLOW_UP, "I10.x05", frozenset({"I10.x09", "E11.9"}))
LINE = replace(line(), listed=AMLODIPINE)


def case(*lines: Line, **more: Any) -> Case:
    given = {
        "basis": BASIS, "diagnoses": ("I10.x09",), "birth_date": date(1960, 1, 1), "today": TODAY, "signed": False,
        "assessed": False, "allergies": frozenset(), "taken": frozenset(), "prescribed": frozenset(),
        "against_doctor": None, **more,
    }  # fmt: skip
    return Case(lines=lines or (LINE,), **given)


def found(*lines: Line, **more: Any) -> list[tuple[str, int | None]]:
    return [(one.code, one.line) for one in findings(case(*lines, **more))]


def of_line(**more: Any) -> list[str]:
    """What is found in one line that is changed so."""
    return [code for code, number in found(replace(LINE, **more)) if number == 1]


def test_nothing_is_found_in_what_is_right() -> None:
    assert found() == []


def test_the_visit_is_taken_or_completed() -> None:
    wrong = [(Code.VISIT_STATE, None)]
    expected = {**dict.fromkeys(State, wrong), State.TAKEN: [], State.COMPLETED: []}
    assert {state: found(basis=replace(BASIS, state=state)) for state in State} == expected
    signed = {state: found(basis=replace(BASIS, state=state), signed=True) for state in State}
    assert signed == {**expected, State.UNCONCLUDED: []}


def test_a_visit_of_long_ago() -> None:
    ended = replace(BASIS, state=State.COMPLETED, ended_on=TODAY)
    assert found(basis=ended, today=TODAY + timedelta(days=7)) == []
    assert found(basis=ended, today=TODAY + timedelta(days=8)) == [(Code.VISIT_OVER, None)]


def test_a_visit_that_is_refunded() -> None:
    assert found(basis=replace(BASIS, refunded=True)) == [(Code.VISIT_REFUNDED, None)]


def test_a_first_visit() -> None:
    without = replace(BASIS, evidence_code=None)
    for basis in (LegalBasis.FOLLOW_UP, LegalBasis.WITH_DOCTOR_PRESENT):
        assert found(basis=replace(without, legal_basis=basis)) == [(Code.FIRST_VISIT, None)]
    assert found(basis=replace(without, legal_basis=LegalBasis.FAMILY_CONTRACT)) == []


def test_diagnoses() -> None:
    assert found(diagnoses=()) == [(Code.DIAGNOSIS_MISSING, None)]
    assert found(diagnoses=("E11.9",)) == [(Code.DIAGNOSIS_OUTSIDE_EVIDENCE, None)]
    assert found(diagnoses=("I10.x01",)) == [(Code.DIAGNOSIS_NOT_OF_VISIT, None)]
    contract = replace(BASIS, legal_basis=LegalBasis.FAMILY_CONTRACT, evidence_code=None)
    assert found(diagnoses=("E11.9",), basis=contract) == []
    present = replace(BASIS, legal_basis=LegalBasis.WITH_DOCTOR_PRESENT)
    assert found(diagnoses=("E11.9",), basis=present) == [(Code.DIAGNOSIS_OUTSIDE_EVIDENCE, None)]


def test_the_doctors_papers_come_first() -> None:
    assert found(against_doctor="doctor_registration_ended", diagnoses=()) == [
        ("doctor_registration_ended", None), (Code.DIAGNOSIS_MISSING, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("born", "today", "guarded"),
    [
        (date(2020, 3, 1), date(2026, 2, 28), True),
        (date(2020, 3, 1), date(2026, 3, 1), False),
        (date(2020, 2, 29), date(2026, 2, 27), True),
        (date(2020, 2, 29), date(2026, 2, 28), False),
        (date(2026, 3, 1), date(2026, 3, 1), True),
    ],
)
def test_a_guardian_is_needed_until_the_sixth_birthday(born: date, today: date, guarded: bool) -> None:
    assert ((Code.GUARDIAN_NEEDED, None) in found(birth_date=born, today=today)) == guarded


def test_five_medicines_at_most() -> None:
    six = [replace(LINE, medicine=f"x{n}", listed=replace(AMLODIPINE, ingredient_group=f"C08CA0{n}")) for n in range(6)]
    assert found(*six[:5]) == []
    assert found(*six) == [(Code.TOO_MANY, None)]


def test_a_medicine_that_is_not_listed() -> None:
    assert found(line()) == [(Code.NOT_LISTED, 1)]


@pytest.mark.parametrize("control", Control)
def test_what_is_never_prescribed_online(control: Control) -> None:
    expected = [] if control is Control.ORDINARY else [Code.FORBIDDEN]
    assert of_line(listed=replace(AMLODIPINE, control=control)) == expected


@pytest.mark.parametrize(("days", "expected"), [(7, []), (8, [Code.DAYS])])
def test_days_of_an_ordinary_medicine(days: int, expected: list[str]) -> None:
    assert of_line(days=days, quantity=1, listed=AMOXICILLIN) == expected
    assert of_line(days=days, quantity=1, listed=replace(AMOXICILLIN, long_term=True)) == expected


@pytest.mark.parametrize(
    ("days", "assessed", "expected"),
    [
        (28, False, []), (29, False, [Code.ASSESSMENT]), (29, True, []), (84, True, []),
        (85, True, [Code.DAYS]), (85, False, [Code.DAYS]),
    ],
)  # fmt: skip
def test_days_of_a_long_term_medicine(days: int, assessed: bool, expected: list[str]) -> None:
    long = replace(LINE, days=days, quantity=-(-days // 7))
    assert [code for code, _ in found(long, assessed=assessed)] == expected


def test_doses_at_their_limits() -> None:
    limits = replace(AMLODIPINE, single_limit=1500, daily_limit=3000)
    twice = {"frequency": Frequency.TWICE_DAILY, "quantity": 4, "listed": limits}
    assert of_line(dose=1500, **twice) == []
    assert of_line(dose=1501, **twice) == [Code.SINGLE_DOSE, Code.DAILY_DOSE]
    assert of_line(dose=1001, **{**twice, "frequency": Frequency.THREE_TIMES_DAILY}) == [Code.DAILY_DOSE]


def test_packs_cover_the_days_and_not_much_more() -> None:
    assert of_line(days=7, quantity=2) == []
    assert of_line(days=7, quantity=3) == [Code.QUANTITY_OVER]
    assert of_line(days=8, quantity=1) == [Code.QUANTITY_SHORT]
    assert of_line(days=8, quantity=2) == []
    assert of_line(days=1, quantity=1) == []


def test_the_same_ingredient_twice() -> None:
    other = replace(LINE, medicine="x")
    assert found(LINE, other) == [(Code.DUPLICATE, 1), (Code.DUPLICATE, 2)]
    assert found(LINE, replace(other, listed=VALSARTAN)) == []
    assert found(taken=frozenset({"C08CA01"})) == [(Code.TAKEN_ALREADY, 1)]
    assert found(taken=frozenset({"C09CA03"})) == []
    assert found(prescribed=frozenset({"C08CA01"})) == [(Code.DUPLICATE, 1)]
    assert found(prescribed=frozenset({"C09CA03"})) == []


@pytest.mark.parametrize(
    ("allergy", "hits"),
    [("J01CA04", True), ("J01C", True), ("J", True), ("J01CA01", False), ("J01D", False), ("C08CA01", False)],
)
def test_allergies_by_their_place_in_the_classification(allergy: str, hits: bool) -> None:
    penicillin = replace(LINE, listed=AMOXICILLIN)
    assert found(penicillin, allergies=frozenset({allergy})) == ([(Code.ALLERGY, 1)] if hits else [])


def test_warnings_are_answered_and_blocks_are_not() -> None:
    both = findings(case(replace(LINE, days=8), taken=frozenset({"C08CA01"}), diagnoses=()))
    assert [one.code for one in blocking(both)] == [Code.DIAGNOSIS_MISSING]
    assert [one.code for one in both if one.severity is Severity.WARN] == [Code.QUANTITY_SHORT, Code.TAKEN_ALREADY]
    assert [one.code for one in unanswered(both, frozenset({Code.TAKEN_ALREADY}))] == [
        Code.DIAGNOSIS_MISSING, Code.QUANTITY_SHORT,
    ]  # fmt: skip


@given(st.sampled_from(Frequency), st.integers(1, 5000), st.integers(1, 84))
def test_what_is_needed_counts_every_dose_that_falls_into_the_days(frequency: Frequency, dose: int, days: int) -> None:
    one = replace(LINE, dose=dose, frequency=frequency, days=days)
    times, period = TIMES[frequency]
    taken_on = [times if period == 1 else int(day % period == 0) for day in range(days)]
    assert needed(one) == dose * sum(taken_on)
    assert daily(one) == dose * max(taken_on)


@given(st.integers(1, 5000), st.integers(1, 84), st.integers(1, 40), st.integers(1, 100))
def test_packs_are_found_right_exactly_where_they_are(dose: int, days: int, quantity: int, units: int) -> None:
    medicine = replace(AMLODIPINE, pack_units=units, single_limit=9000, daily_limit=9000)
    hits = {Code.QUANTITY_SHORT, Code.QUANTITY_OVER} & set(
        of_line(dose=dose, days=days, quantity=quantity, listed=medicine)
    )
    left = quantity * units * THOUSAND - dose * days
    assert hits == ({Code.QUANTITY_SHORT} if left < 0 else {Code.QUANTITY_OVER} if left > units * THOUSAND else set())
