"""What the registry knows: a rule instead of a population, a count of questions, and the fault dial."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

MOST = 1_000_000
LONGEST = 200
MISMATCH = "不符"
NOT_FOUND = "查无"
LENGTH = 18
_CHECKS = "10X98765432"
Json = dict[str, Any]


class Refusal(Exception):
    """The request breaks a rule; the text says which."""


def verdict(wish: Any) -> str:
    """What the registry says of the name and number in a request; raises Refusal."""
    if not isinstance(wish, dict) or set(wish) != {"name", "number"}:
        raise Refusal("send name and number")
    if not all(isinstance(value, str) and 0 < len(value) <= LONGEST for value in wish.values()):
        raise Refusal(f"name and number are texts of 1 to {LONGEST} characters")
    if wish["name"].endswith(NOT_FOUND) or not is_number(wish["number"]):
        return "not_found"
    return "mismatch" if wish["name"].endswith(MISMATCH) else "match"


def is_number(number: str) -> bool:
    """Whether the check character of an identity card's number fits (GB 11643-1999)."""
    body = number[:-1]
    if len(number) != LENGTH or not (body.isascii() and body.isdecimal()):
        return False
    total = sum(int(digit) * pow(2, LENGTH - 1 - place, 11) for place, digit in enumerate(body))
    return _CHECKS[total % 11] == number[-1]


@dataclass
class Count:
    """How often something happened."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    value: int = 0

    def add(self) -> None:
        """Once more."""
        with self._lock:
            self.value += 1


@dataclass
class Faults:
    """The dial: counts run down to zero, the delay holds until it is set anew."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _set: dict[str, int] = field(default_factory=lambda: {"delay_ms": 0, "drop": 0, "http_500": 0, "lie": 0})

    def set(self, wish: Any) -> None:
        """Replace all settings; raises Refusal for an unknown name or a number out of range."""
        if not isinstance(wish, dict) or not set(wish) <= set(self._set):
            raise Refusal("the dial has delay_ms, drop, http_500 and lie")
        if not all(type(value) is int and 0 <= value <= MOST for value in wish.values()):
            raise Refusal("the dial's settings are whole numbers")
        with self._lock:
            self._set = {name: wish.get(name, 0) for name in self._set}

    def take(self, name: str) -> bool:
        """Whether ``name`` happens now; uses up one of its count."""
        with self._lock:
            happens = self._set[name] > 0
            self._set[name] -= happens
            return happens

    @property
    def delay(self) -> float:
        """Seconds to hold back an answer."""
        with self._lock:
            return self._set["delay_ms"] / 1000
