"""The split of a claim: the worked example, its limits, and that no fen is lost or made."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance.rules.adjudication import (
    PARTS,
    Decision,
    Line,
    LineDecision,
    Policy,
    Totals,
    Used,
    adjudicate,
    check,
    check_limits,
    totals_of,
)

POLICY = Policy("2026-1", 10_000, {"visit": 7000, "medicine": 8000}, None, {"A": 0, "B": 1000})
LINES = (Line(1, "medicine", "A", 12_000), Line(2, "medicine", "B", 10_000), Line(3, "medicine", "C", 3333))
WORKED = (
    LineDecision(1, fund=5029, copay=1257, deductible=5714),
    LineDecision(2, fund=3771, copay=943, deductible=4286, pre_self=1000),
    LineDecision(3, full_self=3333),
)


def amounts(most: int = 10**9) -> st.SearchStrategy[int]:
    return st.one_of(st.integers(0, 5), st.integers(0, most))


shares = st.one_of(st.sampled_from([0, 1, 5000, 9999, 10_000]), st.integers(0, 10_000))
policies = st.builds(
    Policy, st.just("v"), amounts(), st.dictionaries(st.sampled_from(["visit", "medicine"]), shares),
    st.none() | amounts(), st.dictionaries(st.sampled_from(["A", "B", "C"]), shares),
)  # fmt: skip
claims = st.lists(
    st.tuples(st.sampled_from(["visit", "medicine"]), st.sampled_from(["A", "B", "C"]), amounts()), max_size=8
).map(lambda rows: [Line(at, *row) for at, row in enumerate(rows, 1)])
used_up = st.builds(Used, amounts(), amounts())


def test_the_worked_split() -> None:
    decided = adjudicate(POLICY, LINES, Used())
    assert decided.lines == WORKED
    assert decided.totals == Totals(25_333, 8800, 16_533)
    assert (decided.deductible, [line.in_scope for line in decided.lines]) == (10_000, [12_000, 9000, 0])


def test_the_worked_split_under_a_ceiling() -> None:
    decided = adjudicate(replace(POLICY, ceiling=8000), LINES, Used())
    assert [(line.fund, line.over_cap, line.copay) for line in decided.lines] == [
        (4572, 457, 1257), (3428, 343, 943), (0, 0, 0),
    ]  # fmt: skip
    assert decided.totals == Totals(25_333, 8000, 17_333)


@given(policies, claims, used_up)
def test_no_fen_is_lost_and_no_limit_overstepped(policy: Policy, lines: list[Line], used: Used) -> None:
    decided = adjudicate(policy, lines, used)
    assert check(lines, decided) == [] == check_limits(policy, replace(used, fund=min(used.fund, cap(policy))), decided)
    assert [line.billed for line in decided.lines] == [line.amount for line in lines]
    assert all(getattr(line, part) >= 0 for line in decided.lines for part in PARTS)
    assert decided.totals.fund + decided.totals.personal == decided.totals.billed == sum(one.amount for one in lines)
    scope = sum(line.in_scope for line in decided.lines)
    assert decided.deductible == min(scope, max(policy.deductible - used.deductible, 0))


def cap(policy: Policy) -> int:
    return 10**12 if policy.ceiling is None else policy.ceiling


@given(policies, claims, claims)
def test_a_years_claims_stay_within_the_years_limits(policy: Policy, first: list[Line], second: list[Line]) -> None:
    one = adjudicate(policy, first, Used())
    two = adjudicate(policy, second, Used(one.deductible, one.totals.fund))
    assert one.deductible + two.deductible <= policy.deductible
    assert one.totals.fund + two.totals.fund <= cap(policy)


@given(claims, shares)
def test_the_fund_is_the_rounded_share_of_the_whole(lines: list[Line], rate: int) -> None:
    policy = Policy("v", 0, {"visit": rate, "medicine": rate}, None, {"A": 0, "B": 0, "C": 0})
    sums = [sum(line.amount for line in lines if line.kind == kind) for kind in ("visit", "medicine")]
    assert adjudicate(policy, lines, Used()).totals.fund == sum(int(total * rate / 10_000 + 0.5) for total in sums)


def test_lines_of_one_fen() -> None:
    lines = [Line(at, "visit", "A", 1) for at in range(1, 4)]
    decided = adjudicate(replace(POLICY, deductible=0), lines, Used())
    assert [(line.fund, line.copay) for line in decided.lines] == [(1, 0), (1, 0), (0, 1)]


@pytest.mark.parametrize(("rate", "fund", "copay"), [(0, 0, 12_000), (10_000, 12_000, 0)])
def test_nothing_and_everything(rate: int, fund: int, copay: int) -> None:
    decided = adjudicate(replace(POLICY, deductible=0, rate_bp={"medicine": rate}), LINES[:1], Used())
    assert (decided.lines[0].fund, decided.lines[0].copay) == (fund, copay)


def test_a_ceiling_of_nothing() -> None:
    decided = adjudicate(replace(POLICY, ceiling=0), LINES, Used())
    assert decided.totals.fund == 0
    assert [line.over_cap for line in decided.lines] == [5029, 3771, 0]


def test_a_deductible_above_the_claim() -> None:
    decided = adjudicate(replace(POLICY, deductible=10**9), LINES, Used(deductible=1))
    assert [line.deductible for line in decided.lines] == [12_000, 9000, 0]
    assert decided.totals == Totals(25_333, 0, 25_333)


def test_what_is_used_up_counts() -> None:
    decided = adjudicate(replace(POLICY, ceiling=20_000), LINES, Used(deductible=10_000, fund=19_999))
    assert (decided.deductible, decided.totals.fund) == (0, 1)


def test_used_beyond_the_limits_leaves_nothing() -> None:
    """A ceiling that is lower in a newer policy, or a claim that was settled before."""
    decided = adjudicate(replace(POLICY, ceiling=100), LINES, Used(deductible=10**6, fund=101))
    assert (decided.deductible, decided.totals.fund) == (0, 0)


def test_a_class_that_is_all_ones_own_is_named_or_not() -> None:
    named = replace(POLICY, pre_self_bp={"A": 0, "B": 1000, "C": 10_000})
    assert adjudicate(named, LINES, Used()) == adjudicate(POLICY, LINES, Used())


def test_a_kind_that_is_not_covered() -> None:
    decided = adjudicate(replace(POLICY, rate_bp={"visit": 7000}), LINES, Used())
    assert [line.full_self for line in decided.lines] == [12_000, 10_000, 3333]


def test_no_lines() -> None:
    assert adjudicate(POLICY, [], Used()) == Decision((), Totals(0, 0, 0))


@pytest.mark.parametrize("lines", [[Line(1, "visit", "A", -1)], [Line(1, "visit", "A", 1), Line(1, "visit", "B", 1)]])
def test_lines_that_are_none(lines: list[Line]) -> None:
    with pytest.raises(ValueError, match="lines have amounts"):
        adjudicate(POLICY, lines, Used())


def test_a_policy_as_json() -> None:
    assert Policy.read(POLICY.plain()) == POLICY
    assert Policy.read(replace(POLICY, ceiling=5).plain()).ceiling == 5


def faults(*lines: LineDecision, totals: Totals | None = None) -> set[tuple[str, str]]:
    decided = Decision(lines, totals or totals_of(lines))
    return {(fault.pointer, fault.rule) for fault in check(LINES, decided)}


def test_a_right_decision_has_no_faults() -> None:
    assert faults(*WORKED) == faults(*reversed(WORKED)) == set()


def test_a_line_that_is_missing_unknown_or_there_twice() -> None:
    assert faults(*WORKED[:2]) == {("/lines", "line_missing")}
    assert faults(*WORKED, LineDecision(4, fund=1)) == {("/lines/3/sequence", "line_unknown")}
    assert faults(*WORKED, WORKED[0]) == {("/lines/0/sequence", "line_twice"), ("/lines/3/sequence", "line_twice")}


@pytest.mark.parametrize("part", PARTS)
def test_no_part_is_negative(part: str) -> None:
    line = replace(WORKED[2], **{part: -1})
    assert (f"/lines/2/{part}", "negative") in faults(*WORKED[:2], line)


@pytest.mark.parametrize("part", PARTS)
def test_one_fen_too_much_is_seen(part: str) -> None:
    line = replace(WORKED[1], **{part: getattr(WORKED[1], part) + 1})
    assert faults(WORKED[0], line, WORKED[2]) == {("/lines/1", "parts_sum")}


@pytest.mark.parametrize("name", ["billed", "fund", "personal"])
def test_totals_are_those_of_the_lines(name: str) -> None:
    right = totals_of(WORKED)
    assert faults(*WORKED, totals=replace(right, **{name: getattr(right, name) + 1})) == {
        (f"/totals/{name}", "totals_sum")
    }


def test_limits_of_the_year() -> None:
    decided = Decision(WORKED, totals_of(WORKED))
    policy = replace(POLICY, ceiling=8800)
    assert check_limits(policy, Used(), decided) == []
    assert [fault.rule for fault in check_limits(policy, Used(fund=1), decided)] == ["over_ceiling"]
    assert [fault.rule for fault in check_limits(policy, Used(deductible=1), decided)] == ["over_deductible"]
