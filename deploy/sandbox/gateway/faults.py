"""The fault dial: what goes wrong next, for everybody or for one intent or one kind of metadata."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.sandbox.gateway.errors import InvalidParameter
from deploy.sandbox.gateway.state import Json, new_id

_MOST = 1_000_000
_COUNTS = ("drop", "http_500", "http_429", "decline", "refund_fail")
_WEBHOOK_COUNTS = ("drop", "duplicate", "reorder")


@dataclass(frozen=True)
class Subject:
    """What a request or an event is about: an intent once it exists, and its metadata."""

    intent: str | None
    metadata: Mapping[str, str]

    @staticmethod
    def of(intent: Json) -> Subject:
        """The subject that a payment intent is."""
        return Subject(intent["id"], intent["metadata"])


@dataclass
class Fault:
    """One setting of the dial. ``counts`` run down to zero; delays hold until the fault is removed.

    The names in ``counts``: drop (take effect, then close the connection unanswered), http_500 and
    http_429 (no effect), decline (the payer's next tries), refund_fail, and for events webhook_drop,
    webhook_duplicate and webhook_reorder (hold back that many events, then send them last first).
    """

    id: str
    intent: str | None
    metadata: Mapping[str, str]
    delay: float
    webhook_delay: float
    late_success: float
    counts: dict[str, int]
    held: list[Any] = field(default_factory=list)

    def meets(self, subject: Subject) -> bool:
        """Whether this fault is meant for the subject."""
        return self.intent in (None, subject.intent) and all(
            subject.metadata.get(name) == value for name, value in self.metadata.items()
        )


class FaultBoard:
    """All faults that are set. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._faults: list[Fault] = []

    def set(self, wish: Json) -> Fault:
        """Add a fault from its JSON form; unknown names and negative numbers are refused."""
        fault = _parse(wish)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self, fault_id: str | None = None) -> list[Any]:
        """Remove one fault or all, and give back the events that they held."""
        with self._lock:
            gone = [f for f in self._faults if fault_id in (None, f.id)]
            self._faults = [f for f in self._faults if f not in gone]
            self._lock.notify_all()
            return [item for fault in gone for item in fault.held]

    def take(self, name: str, subject: Subject) -> bool:
        """Whether ``name`` happens now; uses up one of its count."""
        with self._lock:
            for fault in self._faults:
                if fault.counts.get(name, 0) > 0 and fault.meets(subject):
                    fault.counts[name] -= 1
                    return True
            return False

    def hold_back(self, subject: Subject) -> None:
        """Wait as long as an API answer is to be held back: for the delay, or until the fault is removed."""
        began = time.monotonic()
        with self._lock:
            while (left := began + self._longest("delay", subject) - time.monotonic()) > 0:
                self._lock.wait(left)

    def webhook_delay(self, subject: Subject) -> float:
        """Seconds to hold back an event."""
        return self._longest("webhook_delay", subject)

    def late_success(self, subject: Subject) -> float:
        """Seconds between the payer's yes and the money; 0 where nothing is set."""
        return self._longest("late_success", subject)

    def hold(self, subject: Subject, item: Any) -> list[Any]:
        """What to send now instead of ``item``: itself, nothing yet, or all that was held, last first."""
        with self._lock:
            for fault in self._faults:
                if fault.counts["webhook_reorder"] > 0 and fault.meets(subject):
                    fault.held.insert(0, item)
                    fault.counts["webhook_reorder"] -= 1
                    return [] if fault.counts["webhook_reorder"] else _emptied(fault.held)
            return [item]

    def _longest(self, name: str, subject: Subject) -> float:
        with self._lock:
            return max((getattr(f, name) for f in self._faults if f.meets(subject)), default=0.0)


def _emptied(held: list[Any]) -> list[Any]:
    taken = held[:]
    held.clear()
    return taken


def _parse(wish: Json) -> Fault:
    rest = dict(wish)
    hooks = dict(rest.pop("webhook", {}))
    counts = {name: int(_number(rest, name)) for name in _COUNTS}
    counts |= {f"webhook_{name}": int(_number(hooks, name)) for name in _WEBHOOK_COUNTS}
    fault = Fault(
        id=new_id("flt"),
        intent=rest.pop("intent", None),
        metadata=dict(rest.pop("metadata", {})),
        delay=_number(rest, "delay_ms") / 1000,
        webhook_delay=_number(hooks, "delay_ms") / 1000,
        late_success=_number(rest, "late_success"),
        counts=counts,
    )
    for name in [*rest, *hooks]:
        raise InvalidParameter(f"The dial has no such setting: {name}", code="parameter_unknown", param=name)
    return fault


def _number(source: Json, name: str) -> float:
    value = source.pop(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        raise InvalidParameter(f"Not a usable number: {name}", code="parameter_invalid_integer", param=name)
    return value
