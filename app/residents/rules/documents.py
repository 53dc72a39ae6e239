"""Names and identity documents as people state them. Pure.

Sources: GB 11643-1999 for resident identity cards and the permanent resident cards of 2023; the forms of the other
numbers are those printed on the documents. Which characters names have: GB 18030-2022, which reaches into the newest
extensions of Unicode.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.core.errors import Fault, InvalidInput
from app.residents.rules.identity_cards import (
    Sex,
    birth_date,
    check_character,
    is_born,
    parse_identity_card,
    plain,
)

_MARKS = frozenset("·•‧・.'’- ")
"""Between the parts of a name: the middle dot in its spellings, and what Latin names have."""
_IDEOGRAPHIC_PLANES = range(0x20000, 0x3FFFE)
"""Planes 2 and 3 hold ideographs alone; rare names use some that this process's Unicode tables do not know yet."""
_MODERN_PERMANENT = re.compile(r"9[0-9]{16}[0-9X]")


class DocumentKind(StrEnum):
    """A document that says who somebody is."""

    RESIDENT_IDENTITY_CARD = "resident_identity_card"  # 居民身份证
    PASSPORT = "passport"  # 护照
    HK_MACAO_PERMIT = "hk_macao_permit"  # 港澳居民来往内地通行证
    TAIWAN_PERMIT = "taiwan_permit"  # 台湾居民来往大陆通行证
    FOREIGN_PERMANENT_RESIDENT = "foreign_permanent_resident"  # 外国人永久居留身份证
    BIRTH_CERTIFICATE = "birth_certificate"  # 出生医学证明


_FORMS: Mapping[DocumentKind, re.Pattern[str]] = {
    DocumentKind.PASSPORT: re.compile(r"[A-Z0-9]{5,15}"),
    DocumentKind.HK_MACAO_PERMIT: re.compile(r"[HM][0-9]{8}([0-9]{2})?"),
    DocumentKind.TAIWAN_PERMIT: re.compile(r"[0-9]{8}|[0-9]{10}[A-Z]?"),
    DocumentKind.FOREIGN_PERMANENT_RESIDENT: re.compile(rf"[A-Z]{{3}}[0-9]{{12}}|{_MODERN_PERMANENT.pattern}"),
    DocumentKind.BIRTH_CERTIFICATE: re.compile(r"[A-Z][0-9]{9}"),
}


@dataclass(frozen=True)
class Stated:
    """What somebody states about themselves, as they typed it."""

    name: str = field(repr=False)
    kind: DocumentKind
    number: str = field(repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: Sex | None = None


@dataclass(frozen=True)
class Claim:
    """Who somebody says they are: whole and of the right form, not yet confirmed by anybody."""

    name: str = field(repr=False)
    kind: DocumentKind
    number: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: Sex


def read_claim(stated: Stated, today: date) -> Claim:
    """Check what was stated on the local date `today`; raises InvalidInput with a fault for each broken rule."""
    faults = list(_name_faults(stated.name))
    if stated.kind is DocumentKind.RESIDENT_IDENTITY_CARD:
        claim = _by_identity_card(stated, today, faults)
    else:
        claim = _by_another(stated, today, faults)
    if faults or claim is None:
        raise InvalidInput("this is no identity", faults=tuple(faults))
    return claim


def is_name(name: str) -> bool:
    """Whether every character of `name` may stand in a person's name, and one of them is a letter."""
    letters = [_is_letter(character) for character in name]
    return any(letters) and all(ok or c in _MARKS for ok, c in zip(letters, name, strict=True))


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" or ord(character) in _IDEOGRAPHIC_PLANES


def _name_faults(name: str) -> Iterator[Fault]:
    if not is_name(name):
        yield Fault(
            "/name", "name_form", "A name has letters, and between its parts a middle dot, a space or a hyphen."
        )


def _by_identity_card(stated: Stated, today: date, faults: list[Fault]) -> Claim | None:
    for pointer, value in (("/birth_date", stated.birth_date), ("/sex", stated.sex)):
        if value is not None:
            faults.append(Fault(pointer, "said_by_number", "The number says it."))
    try:
        card = parse_identity_card(stated.number, today)
    except ValueError as error:
        faults.append(Fault("/number", "number_form", str(error)))
        return None
    return Claim(stated.name, stated.kind, card.number, card.birth_date, card.sex)


def _by_another(stated: Stated, today: date, faults: list[Fault]) -> Claim | None:
    number = plain(stated.number)
    if not _is_number(stated.kind, number, today):
        faults.append(Fault("/number", "number_form", "Not a number of this kind of document."))
    if stated.birth_date is None or not is_born(stated.birth_date, today):
        faults.append(Fault("/birth_date", "birth_date", "Say the birth date that the document names."))
    if stated.sex is None:
        faults.append(Fault("/sex", "sex_missing", "Say the sex that the document names."))
    if stated.birth_date is None or stated.sex is None:
        return None
    return Claim(stated.name, stated.kind, number, stated.birth_date, stated.sex)


def _is_number(kind: DocumentKind, number: str, today: date) -> bool:
    if not _FORMS[kind].fullmatch(number):
        return False
    if kind is not DocumentKind.FOREIGN_PERMANENT_RESIDENT or not _MODERN_PERMANENT.fullmatch(number):
        return True
    try:
        birth_date(number, today)
    except ValueError:
        return False
    return check_character(number) == number[-1]
