"""What an insurance pays of a bill, exact to the fen. Pure: values in, shares out.

For each line: billed = full_self + pre_self + deductible + fund + copay + over_cap. The deductible and the fund are
found on the whole bill and spread over its lines by largest remainder, so that the lines always sum to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WHOLE = 10_000
"""Basis points of everything."""


@dataclass(frozen=True)
class Line:
    """One line of a bill; `category` is the insurance class A, B or C, `amount` in fen."""

    sequence: int
    category: str
    amount: int


@dataclass(frozen=True)
class Terms:
    """What holds for one bill: a rate in basis points, and in fen what is left of deductible and ceiling."""

    rate_bp: int
    pre_self_bp: Mapping[str, int]
    """What the person pays beforehand, by category; a category without a number is paid in full by the person."""
    deductible_left: int
    ceiling_left: int | None


@dataclass(frozen=True)
class Share:
    """Who pays what of one line, in fen."""

    sequence: int
    full_self: int
    pre_self: int
    deductible: int
    fund: int
    copay: int
    over_cap: int


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in proportion to `weights`, in whole fen that sum to it; ties go to the earlier part."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    rest = sorted(range(len(weights)), key=lambda at: (-(total * weights[at] % whole), at))
    for at in rest[: total - sum(parts)]:
        parts[at] += 1
    return parts


def shares(lines: Sequence[Line], terms: Terms) -> list[Share]:
    """The share of each line, in the order given."""
    full_self = [line.amount if terms.pre_self_bp.get(line.category, WHOLE) == WHOLE else 0 for line in lines]
    pre_self = [
        _part(line.amount - full, terms.pre_self_bp.get(line.category, 0))
        for line, full in zip(lines, full_self, strict=True)
    ]
    in_scope = [line.amount - full - pre for line, full, pre in zip(lines, full_self, pre_self, strict=True)]
    deductible = spread(min(terms.deductible_left, sum(in_scope)), in_scope)
    base = [scope - part for scope, part in zip(in_scope, deductible, strict=True)]
    rated = spread(_part(sum(base), terms.rate_bp), base)
    left = sum(rated) if terms.ceiling_left is None else max(0, terms.ceiling_left)
    funds = spread(min(left, sum(rated)), rated)
    return [
        Share(line.sequence, full, pre, own, fund, net - covered, covered - fund)
        for line, full, pre, own, net, covered, fund in zip(
            lines, full_self, pre_self, deductible, base, rated, funds, strict=True
        )
    ]


def _part(amount: int, basis_points: int) -> int:
    """Rounded half up to the fen."""
    return (amount * basis_points + WHOLE // 2) // WHOLE
