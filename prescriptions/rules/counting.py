"""Counts by doctor and medicine (统方): for supervision alone, over a bounded time. Pure.

Source: 关于加强医疗卫生机构统方管理的规定 (国卫纠发〔2014〕1号): no counts for commercial ends; who may have
them is fixed, and who had them, why, and who approved it is kept.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_DAYS = 92
"""A quarter of a year: what a supervisor compares."""
MOST_COUNTED = 20_000
"""Prescriptions of one request: each is decrypted, some seconds in all."""
BATCH = 500
"""Prescriptions that the worker counts in one unit: a fraction of a second, so that a kill loses little."""
READABLE = timedelta(hours=24)
"""For how long the counts may be read, from when they are ready."""


class CountState(StrEnum):
    """What has become of counts that two people want: the last two are ends."""

    CONFIRMED = "confirmed"
    """Nobody has looked yet how much there is to count."""
    COUNTING = "counting"
    READY = "ready"
    TOO_MANY = "too_many"
    """More than `MOST_COUNTED`: nothing was counted."""


class RequestState(StrEnum):
    """A request for counts, as its hospital sees it: what two people did, then what the worker does."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    COUNTING = "counting"
    READY = "ready"
    TOO_MANY = "too_many"
    FORGOTTEN = "forgotten"
    """Confirmed, and the counts have had their time."""


@dataclass(frozen=True)
class Prescribed:
    """One line of a signed prescription; `packs` were prescribed."""

    doctor: str
    doctor_name: str
    medicine: str
    medicine_name: str
    packs: int


@dataclass(frozen=True)
class Counted:
    """How often a doctor prescribed a medicine, and how many packs."""

    doctor: str
    doctor_name: str
    medicine: str
    medicine_name: str
    prescriptions: int
    packs: int


def period_fault(begins_on: date, ends_on: date, today: date) -> str | None:
    """The rule that a period from `begins_on` up to and including `ends_on` breaks; None where it breaks none."""
    if ends_on < begins_on:
        return "period_reversed"
    if ends_on > today:
        return "period_not_over"
    return "period_too_long" if (ends_on - begins_on).days >= MOST_DAYS else None


def after_look(found: int) -> CountState:
    """Where counts go once it is known how many prescriptions there are to count."""
    return CountState.TOO_MANY if found > MOST_COUNTED else CountState.COUNTING


def after_batch(size: int) -> CountState:
    """Where they go after a batch of `size` prescriptions: one that is not full was the last."""
    return CountState.COUNTING if size == BATCH else CountState.READY


def request_state(proposal: str, counts: str | None) -> RequestState:
    """What a request is, by the state of its proposal and of its counts, which are None where there are none."""
    if proposal != "confirmed":
        return RequestState(proposal)
    return RequestState(counts) if counts else RequestState.FORGOTTEN


def counts(lines: Iterable[Prescribed], former: Iterable[Counted] = ()) -> list[Counted]:
    """The lines and `former` together, by doctor and medicine; the latest name of each stands, most packs first."""
    many, packs = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    names: dict[tuple[str, str], Prescribed | Counted] = {}
    for one in former:
        pair = one.doctor, one.medicine
        many[pair], packs[pair], names[pair] = one.prescriptions, one.packs, one
    for line in lines:
        pair = line.doctor, line.medicine
        many[pair] += 1
        packs[pair] += line.packs
        names[pair] = line
    found = [
        Counted(doctor, one.doctor_name, medicine, one.medicine_name, many[doctor, medicine], packs[doctor, medicine])
        for (doctor, medicine), one in names.items()
    ]
    return sorted(found, key=lambda one: (-one.packs, one.doctor, one.medicine))
