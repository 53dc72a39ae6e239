"""The number of a resident identity card: what is accepted, and that slips are found."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.residents.rules.identity_cards import OLDEST, PROVINCES, Sex, parse_identity_card
from tests.residents.world import checked

TODAY = date(2026, 11, 22)
DIGITS = "0123456789"
REGIONS = st.sampled_from(sorted(PROVINCES)).flatmap(lambda p: st.integers(1, 9999).map(lambda c: f"{p}{c:04}"))
DAYS = st.dates(date(1900, 1, 1), TODAY)
NUMBERS = st.tuples(REGIONS, DAYS, st.integers(0, 999)).map(lambda t: checked(f"{t[0]}{t[1]:%Y%m%d}{t[2]:03}"))


def read(number: str) -> str:
    """The number, or why it is refused."""
    try:
        return parse_identity_card(number, TODAY).number
    except ValueError as refused:
        return str(refused)


@given(REGIONS, DAYS, st.integers(0, 999))
def test_what_the_standard_makes_is_read_back(region: str, born: date, sequence: int) -> None:
    card = parse_identity_card(checked(f"{region}{born:%Y%m%d}{sequence:03}"), TODAY)
    assert (card.birth_date, card.sex) == (born, Sex.MALE if sequence % 2 else Sex.FEMALE)


@given(NUMBERS, st.integers(0, 17), st.sampled_from(DIGITS + "X"))
def test_any_other_character_in_one_place_is_found(number: str, place: int, other: str) -> None:
    assume(number[place] != other)
    with pytest.raises(ValueError, match=r"\."):
        parse_identity_card(number[:place] + other + number[place + 1 :], TODAY)


@given(NUMBERS, st.integers(0, 16))
def test_swapped_neighbours_are_found(number: str, place: int) -> None:
    assume(number[place] != number[place + 1])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    with pytest.raises(ValueError, match=r"\."):
        parse_identity_card(swapped, TODAY)


def test_the_standards_own_examples() -> None:
    assert parse_identity_card("11010519491231002X", TODAY).sex is Sex.FEMALE
    assert parse_identity_card("440524188001010014", date(1950, 1, 1)).birth_date == date(1880, 1, 1)


def test_spellings_of_one_number() -> None:
    typed = [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002ｘ",
    ]
    assert [read(one) for one in typed] == ["11010519491231002X"] * len(typed)


def test_what_is_no_number() -> None:
    typed = [
        "", "11010519491231002", "11010519491231002XX", "110105194912310021", "1101051949123100x2",
        "X1010519491231002X", "١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "110105491231002", "11010519491231002-X", "11010519491231002*",
        "01010519491231002X",
    ]  # fmt: skip
    assert {one for one in typed if not read(one).endswith(".")} == set()


def test_days_that_never_were() -> None:
    days = ["19490229", "19491301", "19490001", "19490100", "19491232", "00000101", "19000229"]
    assert {day for day in days if "birth date" not in read(checked(f"110105{day}002"))} == set()


@pytest.mark.parametrize(("day", "ok"), [("20000229", True), ("20261122", True), ("20261123", False)])
def test_leap_days_and_today(day: str, ok: bool) -> None:
    number = checked(f"110105{day}002")
    if ok:
        assert parse_identity_card(number, TODAY).birth_date.isoformat().replace("-", "") == day
    else:
        with pytest.raises(ValueError, match="birth date"):
            parse_identity_card(number, TODAY)


def test_nobody_is_that_old() -> None:
    oldest = TODAY.replace(year=TODAY.year - OLDEST)
    assert parse_identity_card(checked(f"110105{oldest:%Y%m%d}002"), TODAY).birth_date == oldest
    with pytest.raises(ValueError, match="birth date"):
        parse_identity_card(checked(f"110105{oldest - timedelta(days=366):%Y%m%d}002"), TODAY)


def test_regions() -> None:
    numbers = {province: checked(f"{province}010119900101002") for province in range(10, 100)}
    assert {province: read(number) for province, number in numbers.items()} == {
        province: number if province in PROVINCES else "No such region." for province, number in numbers.items()
    }


def test_provinces_without_counties() -> None:
    whole = [checked(f"{province}000019900101002") for province in (11, 81, 82, 83)]
    assert [read(number) for number in whole] == ["No such region.", *whole[1:]]
