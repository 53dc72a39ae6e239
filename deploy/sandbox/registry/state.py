"""What the registry knows: a rule instead of a population, and a count of questions."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from deploy.sandbox.server import Refusal

LONGEST = 200
MISMATCH = "不符"
NOT_FOUND = "查无"
STRANGE = "无亲"
LENGTH = 18
_CHECKS = "10X98765432"


def verdict(wish: Any) -> str:
    """What the registry says of the name and number in a request; raises Refusal."""
    if not isinstance(wish, dict) or set(wish) != {"name", "number"}:
        raise Refusal("send name and number")
    if not all(isinstance(value, str) and 0 < len(value) <= LONGEST for value in wish.values()):
        raise Refusal(f"name and number are texts of 1 to {LONGEST} characters")
    if wish["name"].endswith(NOT_FOUND) or not is_number(wish["number"]):
        return "not_found"
    return "mismatch" if wish["name"].endswith(MISMATCH) else "match"


def relation(wish: Any) -> str:
    """What the registry says of a parent and a child in a request; raises Refusal."""
    if not isinstance(wish, dict) or set(wish) != {"parent", "child"}:
        raise Refusal("send parent and child")
    said = [verdict(wish[role]) for role in ("parent", "child")]
    if "not_found" in said:
        return "not_found"
    is_strange = wish["child"]["name"].endswith(STRANGE) or wish["child"]["number"] == wish["parent"]["number"]
    return "mismatch" if "mismatch" in said or is_strange else "match"


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
