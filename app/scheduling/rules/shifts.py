"""What a shift may look like. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from app.core.calendar import local_date
from app.core.errors import Fault

LONGEST_SLOT = timedelta(hours=6)


class HalfDay(StrEnum):
    """The part of a day in which a doctor works at a site."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class ShiftClass(StrEnum):
    """What kind of registration the shift's places are."""

    ORDINARY = "ordinary"
    SPECIALIST = "specialist"
    SPECIAL_NEEDS = "special_needs"


class ShiftState(StrEnum):
    """A stopped shift never takes place; another one is opened instead."""

    OPEN = "open"
    STOPPED = "stopped"


@dataclass(frozen=True)
class SlotTimes:
    """A slot as it is wished for: from, until (UTC), and how many places."""

    starts_at: datetime
    ends_at: datetime
    capacity: int


def faults(day: date, slots: Sequence[SlotTimes], now: datetime) -> Iterator[Fault]:
    """Everything that stands against opening a shift on the local date `day` with these slots."""
    if day < local_date(now):
        yield Fault("/date", "date_past", "a shift is today or later")
    for index, slot in enumerate(slots):
        yield from _slot_faults(f"/slots/{index}", day, slot, now)
    for index, (former, slot) in enumerate(pairwise(slots), 1):
        if slot.starts_at < former.ends_at:
            yield Fault(f"/slots/{index}", "slots_overlap", "slots follow one another in time")


def _slot_faults(pointer: str, day: date, slot: SlotTimes, now: datetime) -> Iterator[Fault]:
    if not timedelta(0) < slot.ends_at - slot.starts_at <= LONGEST_SLOT:
        yield Fault(f"{pointer}/ends_at", "slot_length", "a slot lasts between an instant and six hours")
    if local_date(slot.starts_at) != day:
        yield Fault(f"{pointer}/starts_at", "slot_outside_date", "a slot begins on the shift's date")
    if slot.starts_at <= now:
        yield Fault(f"{pointer}/starts_at", "slot_past", "a slot begins in the future")
