"""Birthdays, for whoever was born on whatever day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.calendar import day_begins, local_date
from app.residents.rules.ages import birthday, is_of_age

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(DAYS, st.integers(1, 100))
def test_one_is_so_old_from_the_birthday_on_and_not_the_day_before(born: date, years: int) -> None:
    day = birthday(born, years)
    assert day.year == born.year + years
    assert is_of_age(born, years, day) and not is_of_age(born, years, day - timedelta(days=1))
    assert (day.month, day.day) == ((born.month, born.day) if (born.month, born.day) != (2, 29) else (2, day.day))


@given(DAYS)
def test_the_day_begins_at_its_own_midnight(day: date) -> None:
    begins = day_begins(day)
    assert local_date(begins) == day and local_date(begins - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_who_was_born_on_the_29th_of_february() -> None:
    assert birthday(date(2008, 2, 29), 18) == date(2026, 2, 28)
    assert birthday(date(2008, 2, 29), 20) == date(2028, 2, 29)
