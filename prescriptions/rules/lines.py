"""What a doctor writes: lines of medicines with dose, frequency, days and packs. Pure.

Amounts are thousandths of a unit, so that half a tablet is a whole number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

THOUSAND = 1000


class Frequency(StrEnum):
    """How often, in the abbreviations that every pharmacist reads."""

    ONCE_DAILY = "qd"
    AT_NIGHT = "qn"
    TWICE_DAILY = "bid"
    THREE_TIMES_DAILY = "tid"
    FOUR_TIMES_DAILY = "qid"
    EVERY_SECOND_DAY = "qod"
    WEEKLY = "qw"


TIMES: Mapping[Frequency, tuple[int, int]] = {
    Frequency.ONCE_DAILY: (1, 1),
    Frequency.AT_NIGHT: (1, 1),
    Frequency.TWICE_DAILY: (2, 1),
    Frequency.THREE_TIMES_DAILY: (3, 1),
    Frequency.FOUR_TIMES_DAILY: (4, 1),
    Frequency.EVERY_SECOND_DAY: (1, 2),
    Frequency.WEEKLY: (1, 7),
}
"""How many times in how many days."""


class Route(StrEnum):
    """Where a medicine goes."""

    ORAL = "oral"
    SUBLINGUAL = "sublingual"
    INHALED = "inhaled"
    TOPICAL = "topical"
    EYE = "eye"
    EAR = "ear"
    NASAL = "nasal"
    RECTAL = "rectal"
    VAGINAL = "vaginal"
    SUBCUTANEOUS = "subcutaneous"


class Control(StrEnum):
    """Special control (特殊管理药品); only `ordinary` medicines are prescribed online."""

    ORDINARY = "ordinary"
    NARCOTIC = "narcotic"
    PSYCHOTROPIC_1 = "psychotropic_1"
    PSYCHOTROPIC_2 = "psychotropic_2"
    MEDICAL_TOXIC = "medical_toxic"
    RADIOACTIVE = "radioactive"
    PRECURSOR = "precursor"


@dataclass(frozen=True)
class Listed:
    """A medicine as the formulary has it when the line is written; limits in thousandths of a unit."""

    name: str
    ingredient_group: str
    form: str
    strength: str
    unit: str
    pack_units: int
    category: str
    control: Control
    single_limit: int
    daily_limit: int
    long_term: bool


@dataclass(frozen=True)
class Line:
    """One medicine of a prescription; `dose` in thousandths of a unit, `quantity` in packs."""

    medicine: str
    """The national code."""
    dose: int
    frequency: Frequency
    route: Route
    days: int
    quantity: int
    note: str | None = None
    listed: Listed | None = field(default=None, repr=False)
    """None where the formulary does not have it."""


def needed(line: Line) -> int:
    """What the line takes over its days, in thousandths of a unit: every dose that is begun counts."""
    times, period = TIMES[line.frequency]
    return line.dose * -(-times * line.days // period)


def daily(line: Line) -> int:
    """The most that the line takes on one day, in thousandths of a unit."""
    times, period = TIMES[line.frequency]
    return line.dose * (times if period == 1 else 1)


def supplied(line: Line, medicine: Listed) -> int:
    """What its packs hold, in thousandths of a unit."""
    return line.quantity * medicine.pack_units * THOUSAND
