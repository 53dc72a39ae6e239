"""Who pays what of a bill: exact to the fen."""

from dataclasses import asdict, astuple

from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.sandbox.benefits import Line, Share, Terms, shares, spread
from insurance.rules import adjudication

BILL = [Line(1, "A", 12000), Line(2, "B", 10000), Line(3, "C", 3333)]
PLAIN = {"A": 0, "B": 1000}
AMOUNTS = st.integers(0, 10**7)


def test_a_worked_bill() -> None:
    found = shares(BILL, Terms(8000, PLAIN, 10000, None))
    assert found == [
        Share(1, 0, 0, 5714, 5029, 1257, 0),
        Share(2, 0, 1000, 4286, 3771, 943, 0),
        Share(3, 3333, 0, 0, 0, 0, 0),
    ]


def test_a_worked_bill_above_the_ceiling() -> None:
    found = shares(BILL, Terms(8000, PLAIN, 10000, 8000))
    assert [(share.fund, share.over_cap) for share in found] == [(4572, 457), (3428, 343), (0, 0)]


def test_three_lines_of_one_fen_sum() -> None:
    found = shares([Line(at, "A", 1) for at in range(3)], Terms(7000, PLAIN, 0, None))
    assert [share.fund for share in found] == [1, 1, 0]


def test_nothing_is_left_of_the_ceiling() -> None:
    found = shares(BILL, Terms(8000, PLAIN, 0, -1))
    assert [share.fund for share in found] == [0, 0, 0]
    assert sum(share.over_cap for share in found) == 16800


@settings(deadline=None)
@given(st.integers(0, 10**9), st.lists(AMOUNTS, min_size=1, max_size=20).filter(any))
def test_a_spread_sums_and_is_near_its_proportion(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part * sum(weights) - total * weight) < sum(weights) for part, weight in zip(parts, weights, strict=True)
    )


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), AMOUNTS), min_size=1, max_size=12),
    st.integers(0, 10_000), st.integers(0, 10_000), AMOUNTS, st.none() | st.integers(-100, 10**8),
)  # fmt: skip
def test_every_line_is_what_was_billed(
    bill: list[tuple[str, int]], rate: int, pre_self: int, deductible: int, ceiling: int | None
) -> None:
    lines = [Line(at, category, amount) for at, (category, amount) in enumerate(bill)]
    found = shares(lines, Terms(rate, {"A": 0, "B": pre_self}, deductible, ceiling))
    for line, share in zip(lines, found, strict=True):
        parts = astuple(share)[1:]
        assert sum(parts) == line.amount
        assert min(parts) >= 0
    assert sum(share.deductible for share in found) <= deductible
    assert ceiling is None or sum(share.fund for share in found) <= max(0, ceiling)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), AMOUNTS), min_size=1, max_size=12),
    st.integers(0, 10_000), st.integers(0, 10_000), AMOUNTS, st.none() | st.integers(0, 10**8),
)  # fmt: skip
def test_the_platform_would_split_it_alike(
    bill: list[tuple[str, int]], rate: int, pre_self: int, deductible: int, ceiling: int | None
) -> None:
    """So that what a resident was shown beforehand is what the sandbox's insurer then grants."""
    classes = {"A": 0, "B": pre_self}
    policy = adjudication.Policy("v1", deductible, {"medicine": rate}, ceiling, classes)
    lines = [adjudication.Line(at, "medicine", category, amount) for at, (category, amount) in enumerate(bill)]
    ours = adjudication.adjudicate(policy, lines, adjudication.Used())
    terms = Terms(rate, classes, deductible, ceiling)
    for line, share in zip(
        ours.lines, shares([Line(x.sequence, x.category, x.amount) for x in lines], terms), strict=True
    ):
        assert asdict(line) == asdict(share)
