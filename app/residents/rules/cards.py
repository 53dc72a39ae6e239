"""Cards that lead to a resident. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.errors import Fault, InvalidInput
from app.residents.rules.identity_cards import plain

MOST_CARDS = 20
"""Cards that are bound to one resident at the same time."""
_SHOWN = 4
_LUHN_BASE = 10


class CardKind(StrEnum):
    """Whose card it is."""

    HEALTH_CARD = "health_card"  # 居民健康卡
    SOCIAL_SECURITY_CARD = "social_security_card"  # 社会保障卡
    CITIZEN_CARD = "citizen_card"  # 市民卡
    HOSPITAL_CARD = "hospital_card"  # 医院就诊卡
    BANK_CARD = "bank_card"  # 银行卡


_ANY = re.compile(r"[A-Z0-9]{6,32}")
_FORMS: Mapping[CardKind, re.Pattern[str]] = {
    CardKind.SOCIAL_SECURITY_CARD: re.compile(r"[A-Z0-9]{8,20}"),
    CardKind.BANK_CARD: re.compile(r"[0-9]{12,19}"),
}


@dataclass(frozen=True)
class CardNumber:
    """A card's number in the one form in which it is kept; `issuer` is the tenant that gave out a hospital's card."""

    kind: CardKind
    number: str = field(repr=False)
    issuer: int | None = None

    @property
    def value(self) -> str:
        """What tells this card from every other on the platform: two hospitals may count alike."""
        return f"{self.kind}:{self.issuer or ''}:{self.number}"


def parse_card(kind: CardKind, text: str, issuer: int | None = None) -> CardNumber:
    """Read a card's number as somebody typed it; spaces, hyphens and full-width characters are forgiven.

    Raises InvalidInput. A bank card's last digit is checked (ISO/IEC 7812-1, Luhn).
    """
    number = plain(text).replace("-", "")
    faults = []
    if not _FORMS.get(kind, _ANY).fullmatch(number) or (kind is CardKind.BANK_CARD and not luhn(number)):
        faults.append(Fault("/number", "number_form", "Not a number of this kind of card."))
    if (kind is CardKind.HOSPITAL_CARD) != (issuer is not None):
        faults.append(Fault("/issuer", "issuer", "A hospital's card names its issuer, no other card does."))
    if faults:
        raise InvalidInput("this is no card", faults=tuple(faults))
    return CardNumber(kind, number, issuer)


def luhn(digits: str) -> bool:
    """Whether the last of `digits` is their check digit."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(sum(divmod(value, _LUHN_BASE)) for value in doubled) % _LUHN_BASE == 0


def masked(number: str) -> str:
    """`number` with all but its last characters hidden: four, fewer of a short one."""
    shown = min(_SHOWN, len(number) // 3)
    return "*" * (len(number) - shown) + number[len(number) - shown :]
