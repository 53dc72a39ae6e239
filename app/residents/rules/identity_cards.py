"""The number of a resident identity card. Pure.

Source: GB 11643-1999: six digits of the region, eight of the birth date, three of sequence (the last one odd for men),
and a check character (ISO 7064, MOD 11-2). The regions are those of the provinces in GB/T 2260, with 81 to 83 for the
residence permits of people from Hong Kong, Macao and Taiwan, which are numbered alike.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_FORM = re.compile(r"[1-9][0-9]{16}[0-9X]")
_BODY = 17
_WEIGHTS = tuple(2 ** (_BODY - place) % 11 for place in range(_BODY))
_CHECKS = "10X98765432"
UNDIVIDED = frozenset({71, 81, 82, 83})
"""Provinces whose number names no county."""
PROVINCES = UNDIVIDED.union(range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66))
OLDEST = 130
"""Years; nobody was ever older."""


class Sex(StrEnum):
    """As the identity document says."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True)
class IdentityCard:
    """What the number of a resident identity card says."""

    number: str
    birth_date: date
    sex: Sex


def plain(text: str) -> str:
    """`text` without spaces, full-width characters as ordinary ones, letters as capitals: one form for one number."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def parse_identity_card(text: str, today: date) -> IdentityCard:
    """Read and check a number as somebody typed it, on the local date `today`.

    Full-width digits, spaces and a small x are forgiven. Raises ValueError with a sentence for whoever typed it.
    """
    number = plain(text)
    if not _FORM.fullmatch(number):
        raise ValueError("Not 17 digits and a check character.")
    province, county = int(number[:2]), number[2:6]
    if province not in PROVINCES or (county == "0000" and province not in UNDIVIDED):
        raise ValueError("No such region.")
    born = birth_date(number, today)
    if check_character(number) != number[-1]:
        raise ValueError("The check character does not fit: a digit is wrong, or two were swapped.")
    return IdentityCard(number, born, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def birth_date(number: str, today: date) -> date:
    """The birth date in `number`; raises ValueError where there was no such day, or not within a human life."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValueError("No such birth date.") from None
    if not is_born(born, today):
        raise ValueError("No such birth date.")
    return born


def is_born(born: date, today: date) -> bool:
    """Whether somebody born on that day may live on `today`."""
    return born <= today and today.year - born.year <= OLDEST


def check_character(number: str) -> str:
    """The check character that belongs to the first 17 digits of `number`."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]
