"""How what was supplied is split between an insurer's fund and the person, and how such a split is checked. Pure.

Amounts in whole fen, shares in basis points (1/10000). The deductible and the fund are worked out on the whole claim
and then spread over its lines by largest remainder, so that lines sum to totals. A share is rounded half up. Regions
and products differ in all this: the rule is part of a policy with a version, which is kept with each decision.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.errors import Fault
from app.core.money import split

WHOLE = 10_000
"""Basis points of the whole."""
PARTS = ("full_self", "pre_self", "deductible", "fund", "copay", "over_cap")
"""Into what a line falls: together they are what was billed."""


@dataclass(frozen=True)
class Policy:
    """What a plan pays, in the version in which somebody is covered by it."""

    policy_version: str
    deductible: int
    """Fen that the person bears in each benefit year before the fund pays."""
    rate_bp: Mapping[str, int]
    """By kind of supply (`visit`, `medicine`), the fund's share; a kind that is not named is not covered."""
    ceiling: int | None
    """Fen that the fund pays at most in each benefit year; None: without end."""
    pre_self_bp: Mapping[str, int]
    """By insurance class (A, B, C), the share that is the person's before anything; a class not named is all theirs."""

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Policy":
        """The policy that `plain` wrote."""
        return cls(**plain)

    def plain(self) -> dict[str, Any]:
        """The policy as a JSON object."""
        return {
            "policy_version": self.policy_version, "deductible": self.deductible, "rate_bp": dict(self.rate_bp),
            "ceiling": self.ceiling, "pre_self_bp": dict(self.pre_self_bp),
        }  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of what was supplied; `amount` in fen."""

    sequence: int
    kind: str
    category: str
    amount: int


@dataclass(frozen=True)
class Used:
    """What was used up in the benefit year so far, in fen."""

    deductible: int = 0
    fund: int = 0


@dataclass(frozen=True)
class LineDecision:
    """Into which parts a line falls, in fen."""

    sequence: int
    fund: int = 0
    copay: int = 0
    deductible: int = 0
    pre_self: int = 0
    full_self: int = 0
    over_cap: int = 0

    @property
    def in_scope(self) -> int:
        """What the policy looks at: without what is the person's before anything."""
        return self.deductible + self.fund + self.copay + self.over_cap

    @property
    def billed(self) -> int:
        """The sum of all parts."""
        return self.full_self + self.pre_self + self.in_scope


@dataclass(frozen=True)
class Totals:
    """The sums of a decision, in fen."""

    billed: int
    fund: int
    personal: int


@dataclass(frozen=True)
class Decision:
    """How a claim is split."""

    lines: tuple[LineDecision, ...]
    totals: Totals

    @property
    def deductible(self) -> int:
        """What of the claim counts towards the year's deductible, in fen."""
        return sum(line.deductible for line in self.lines)


def adjudicate(policy: Policy, lines: Sequence[Line], used: Used) -> Decision:
    """Split `lines` by `policy`, after `used` of the same benefit year.

    Raises ValueError for a negative amount, and for two lines of one sequence.
    """
    if any(line.amount < 0 for line in lines) or len({line.sequence for line in lines}) < len(lines):
        raise ValueError("lines have amounts, and sequences of their own")
    full_self = [line.amount if _excluded(policy, line) else 0 for line in lines]
    pre_self = [0 if _excluded(policy, one) else _share(one.amount, policy.pre_self_bp[one.category]) for one in lines]
    scope = [one.amount - full - pre for one, full, pre in zip(lines, full_self, pre_self, strict=True)]
    deductible = _spread(max(policy.deductible - used.deductible, 0), scope)
    net = [one - borne for one, borne in zip(scope, deductible, strict=True)]
    covered = _covered(policy, lines, net)
    fund = covered if policy.ceiling is None else _spread(max(policy.ceiling - used.fund, 0), covered)
    decided = tuple(
        LineDecision(
            sequence=line.sequence, full_self=full_self[at], pre_self=pre_self[at], deductible=deductible[at],
            fund=fund[at], copay=net[at] - covered[at], over_cap=covered[at] - fund[at],
        )
        for at, line in enumerate(lines)
    )  # fmt: skip
    return Decision(decided, totals_of(decided))


def totals_of(lines: Sequence[LineDecision]) -> Totals:
    """The sums of `lines`."""
    billed, fund = sum(line.billed for line in lines), sum(line.fund for line in lines)
    return Totals(billed, fund, billed - fund)


def check(lines: Sequence[Line], decided: Decision) -> list[Fault]:
    """What is wrong with a decision about `lines`: each decided exactly once, its parts not negative and together what
    was billed, the totals those of the lines. Pointers are into the decision.
    """
    return [*_missing(lines, decided), *_line_faults(lines, decided), *_total_faults(decided)]


def check_limits(policy: Policy, used: Used, decided: Decision) -> list[Fault]:
    """What of a decision goes beyond the benefit year's limits, after `used`."""
    faults = []
    if policy.ceiling is not None and used.fund + decided.totals.fund > policy.ceiling:
        faults.append(Fault("/totals/fund", "over_ceiling", "The fund has less left in this benefit year."))
    if decided.deductible > max(policy.deductible - used.deductible, 0):
        faults.append(Fault("/lines", "over_deductible", "Less of the deductible is left in this benefit year."))
    return faults


def _excluded(policy: Policy, line: Line) -> bool:
    return line.kind not in policy.rate_bp or policy.pre_self_bp.get(line.category, WHOLE) == WHOLE


def _share(amount: int, basis_points: int) -> int:
    return (amount * basis_points + WHOLE // 2) // WHOLE


def _spread(most: int, over: Sequence[int]) -> list[int]:
    return split(min(most, sum(over)), over)


def _covered(policy: Policy, lines: Sequence[Line], net: Sequence[int]) -> list[int]:
    """The fund's share of each line before the ceiling, rounded once for all lines of a kind."""
    covered = [0] * len(lines)
    for kind, rate in policy.rate_bp.items():
        of_kind = [amount if line.kind == kind else 0 for line, amount in zip(lines, net, strict=True)]
        for at, part in enumerate(split(_share(sum(of_kind), rate), of_kind)):
            covered[at] += part
    return covered


def _missing(lines: Sequence[Line], decided: Decision) -> Iterator[Fault]:
    given = {line.sequence for line in decided.lines}
    for line in lines:
        if line.sequence not in given:
            yield Fault("/lines", "line_missing", f"Line {line.sequence} is not decided.")


def _line_faults(lines: Sequence[Line], decided: Decision) -> Iterator[Fault]:
    billed = {line.sequence: line.amount for line in lines}
    times = Counter(line.sequence for line in decided.lines)
    for at, line in enumerate(decided.lines):
        if line.sequence not in billed:
            yield Fault(f"/lines/{at}/sequence", "line_unknown", "There is no such line in the claim.")
            continue
        if times[line.sequence] > 1:
            yield Fault(f"/lines/{at}/sequence", "line_twice", "The line is decided more than once.")
        for part in PARTS:
            if getattr(line, part) < 0:
                yield Fault(f"/lines/{at}/{part}", "negative", "No part of a line is negative.")
        if line.billed != billed[line.sequence]:
            yield Fault(f"/lines/{at}", "parts_sum", f"The parts do not sum to the {billed[line.sequence]} fen billed.")


def _total_faults(decided: Decision) -> Iterator[Fault]:
    right = totals_of(decided.lines)
    for name in ("billed", "fund", "personal"):
        if getattr(decided.totals, name) != getattr(right, name):
            yield Fault(f"/totals/{name}", "totals_sum", f"The lines sum to {getattr(right, name)} fen.")
