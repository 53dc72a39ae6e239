"""How old somebody is, and what the law lets them do then. Pure.

Sources: Civil Code, articles 17 to 20 (of age at 18) and 202 (a term of years ends on the day of the same number, or on
the last day of a month that has no such day: who was born on the 29th of February has a birthday on the 28th of other
years); 个人信息保护法, article 31 (under 14 the guardian consents).
"""

from datetime import date

from app.core.calendar import years_after

ADULT = 18
CONSENTS = 14
"""Years of age from which a minor may act beside their guardians."""


def birthday(born: date, years: int) -> date:
    """The local day on which somebody born on `born` becomes `years` old."""
    return years_after(born, years)


def is_of_age(born: date, years: int, today: date) -> bool:
    """Whether somebody born on `born` is `years` old on `today`."""
    return birthday(born, years) <= today
