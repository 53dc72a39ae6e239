"""What a shift may look like. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from app.core.calendar import day_begins, local_date
from app.core.errors import Fault

LONGEST_SLOT = timedelta(hours=6)


class HalfDay(StrEnum):
    """The part of a day in which a doctor works at a site."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


_HOURS: Mapping[HalfDay, tuple[int, int]] = {
    HalfDay.MORNING: (0, 13),
    HalfDay.AFTERNOON: (12, 19),
    HalfDay.EVENING: (17, 30),
}
"""From and until which hour of its date a half-day may last. They overlap, because houses differ at noon and before
supper, and a night's last slot ends after midnight. So a slot that was meant for another hour, most often a time of the
place that was sent as one of UTC, is noticed when its shift is opened, and not by who comes for it.
"""
HOURS_SAID = "morning 00:00 to 13:00, afternoon 12:00 to 19:00, evening 17:00 to 24:00, to be over by 06:00"
"""The same for readers."""
_OUTSIDE = f"a slot lies in its shift's part of the day, by the clock in China: {HOURS_SAID}"


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


def faults(day: date, half_day: HalfDay, slots: Sequence[SlotTimes], now: datetime) -> Iterator[Fault]:
    """Everything that stands against opening a shift in that part of the local date `day` with these slots."""
    if day < local_date(now):
        yield Fault("/date", "date_past", "a shift is today or later")
    for index, slot in enumerate(slots):
        wrong = tuple(_slot_faults(f"/slots/{index}", day, slot, now))
        yield from wrong or _hour_faults(f"/slots/{index}", day, half_day, slot)
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


def _hour_faults(pointer: str, day: date, half_day: HalfDay, slot: SlotTimes) -> Iterator[Fault]:
    begins, ends = (day_begins(day) + timedelta(hours=hour) for hour in _HOURS[half_day])
    if slot.starts_at < begins or slot.starts_at >= ends:
        yield Fault(f"{pointer}/starts_at", "slot_outside_half_day", _OUTSIDE)
    elif slot.ends_at > ends:
        yield Fault(f"{pointer}/ends_at", "slot_outside_half_day", _OUTSIDE)
