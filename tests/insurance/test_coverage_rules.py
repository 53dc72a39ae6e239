"""Days, names and numbers of coverages."""

from datetime import date

import pytest

from insurance.rules.coverages import covers, plain_number, same_name

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("on", "covered"),
    [(date(2025, 12, 31), False), (FIRST, True), (LAST, True), (date(2027, 1, 1), False)],
)
def test_both_days_are_covered(on: date, covered: bool) -> None:
    assert covers(FIRST, LAST, on) is covered


def test_without_a_last_day() -> None:
    assert covers(FIRST, None, date(2999, 1, 1))
    assert not covers(FIRST, None, date(2025, 12, 31))


def test_ended_before_it_began() -> None:
    assert not any(covers(LAST, FIRST, day) for day in (FIRST, date(2026, 6, 1), LAST))


@pytest.mark.parametrize("text", ["ab 12-3", "ＡＢ１２-3", " Ab12-3\t"])
def test_one_number_in_its_spellings(text: str) -> None:
    assert plain_number(text) == "AB12-3"


def test_one_name_in_its_spellings() -> None:
    expected = {
        ("张三", "张三"): True, ("张三", "张 三"): True, ("阿里木·买买提", "阿里木•买买提"): True,
        ("Anna LI", "anna li"): True, ("ＡＮＮＡ", "anna"): True,
        ("张三", "张四"): False, ("张三", "张"): False, ("张三", "三张"): False,
    }  # fmt: skip
    assert {(one, other): same_name(one, other) for one, other in expected} == expected
    assert {(one, other): same_name(other, one) for one, other in expected} == expected
