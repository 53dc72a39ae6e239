"""The insured: their settings, their account, what they used of a year, and the split of a bill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from deploy.sandbox.benefits import WHOLE, Line, Share, Terms, shares, spread
from deploy.sandbox.server import Json, Refusal

MOST = 10**12
POOL, LARGE = "310100", "330100"
"""Codes of fund parts in the national interface: the pooled fund of employees, and their aid for large bills."""


@dataclass
class Used:
    """What was used in one year, in fen."""

    deductible: int = 0
    fund: int = 0


@dataclass(frozen=True)
class Settings:
    """What holds for a person; amounts in fen, rates in basis points."""

    person: str
    name: str
    in_force: bool = True
    account_balance: int = 0
    rate_bp: Mapping[str, int] = field(default_factory=lambda: {"visit": 7000, "medicine": 8000})
    pre_self_bp: Mapping[str, int] = field(default_factory=lambda: {"A": 0, "B": 1000})
    deductible: int = 0
    ceiling: int | None = None
    fund_parts: Mapping[str, int] = field(default_factory=lambda: {POOL: 9, LARGE: 1})

    @staticmethod
    def of(wish: Any) -> Settings:
        """The settings that a request asks for; raises Refusal."""
        names = {one.name for one in fields(Settings)}
        if not isinstance(wish, dict) or not {"person", "name"} <= set(wish) <= names:
            raise Refusal(f"send person and name, and any of {', '.join(sorted(names))}")
        if not all(isinstance(wish[name], str) and wish[name] for name in ("person", "name")):
            raise Refusal("person and name are texts")
        if type(wish.get("in_force", True)) is not bool:
            raise Refusal("in_force is true or false")
        settings = Settings(**wish)
        if not all(
            _amounts({"": one}) for one in (settings.account_balance, settings.deductible, settings.ceiling or 0)
        ):
            raise Refusal("amounts are whole fen, not negative")
        if not (_amounts(settings.rate_bp, WHOLE) and _amounts(settings.pre_self_bp, WHOLE)):
            raise Refusal("rates are objects of basis points, at most 10000")
        if not (_amounts(settings.fund_parts) and any(settings.fund_parts.values())):
            raise Refusal("fund_parts is an object of weights, not all of them 0")
        return settings


def _amounts(numbers: Any, most: int = MOST) -> bool:
    values = numbers.values() if isinstance(numbers, dict) else [None]
    return all(type(value) is int and 0 <= value <= most for value in values)


@dataclass(frozen=True)
class Split:
    """Who pays what of one bill."""

    shares: list[Share]
    fund_parts: dict[str, int]
    account: list[int]
    cash: list[int]

    @property
    def deductible(self) -> int:
        """What counts towards the year's deductible."""
        return sum(share.deductible for share in self.shares)

    def shown(self) -> Json:
        """The split as a message holds it."""
        funds = [share.fund for share in self.shares]
        lines = [
            {"sequence": share.sequence, "fund": share.fund, "account": account, "cash": cash}
            for share, account, cash in zip(self.shares, self.account, self.cash, strict=True)
        ]
        fund, account, cash = sum(funds), sum(self.account), sum(self.cash)
        return {
            "total": fund + account + cash, "fund": fund, "fund_parts": self.fund_parts,
            "account": account, "cash": cash, "lines": lines,
        }  # fmt: skip


@dataclass
class Person:
    """One insured person."""

    settings: Settings
    balance: int
    used: defaultdict[int, Used] = field(default_factory=lambda: defaultdict(Used))

    def set(self, settings: Settings) -> None:
        """New settings; what was used stays."""
        self.settings, self.balance = settings, settings.account_balance

    def split(self, kind: str, lines: list[Line], year: int) -> Split:
        """Who would pay what of `lines` now. Who is not in force pays everything; their account may still pay."""
        settings, used = self.settings, self.used[year]
        terms = Terms(
            settings.rate_bp.get(kind, 0),
            settings.pre_self_bp,
            max(0, settings.deductible - used.deductible),
            None if settings.ceiling is None else settings.ceiling - used.fund,
        )
        if not settings.in_force:
            terms = replace(terms, pre_self_bp={})
        found = shares(lines, terms)
        own = [line.amount - share.fund for line, share in zip(lines, found, strict=True)]
        account = spread(min(self.balance, sum(own)), own)
        weights = settings.fund_parts
        parts = spread(sum(share.fund for share in found), list(weights.values()))
        named = {code: part for code, part in zip(weights, parts, strict=True) if part}
        return Split(found, named, account, [a - b for a, b in zip(own, account, strict=True)])

    def take(self, split: Split, year: int, sign: int = 1) -> None:
        """Use the account, the deductible and the ceiling; with `sign` -1 give them back."""
        self.balance -= sign * sum(split.account)
        self.used[year].deductible += sign * split.deductible
        self.used[year].fund += sign * sum(share.fund for share in split.shares)
