"""The lives of settlements and claims, every state against every event; splits and their checks."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import split as parts_of
from insurance.rules.claims import (
    CaseState,
    ClaimEvent,
    ClaimState,
    Outcome,
    decision_refusal,
    fits,
    move_claim,
)
from insurance.rules.settlements import (
    ASKING,
    LIVE,
    Effect,
    Event,
    Kind,
    Payer,
    State,
    confirmed,
    move,
    paid,
    to_pay,
)
from insurance.rules.splits import Item, LineSplit, Split, all_own
from insurance.rules.splits import fits as split_fits

PUBLIC = Payer.PUBLIC_SCHEME
MOVES = {
    ("asked", "tried"): ("trial", set()),
    ("asked", "refused"): ("refused", set()),
    ("asked", "canceled"): ("canceled", set()),
    ("asked", "supply_ended"): ("canceled", set()),
    ("trial", "confirmed_to_pay"): ("paying", {"open_bill"}),
    ("trial", "confirmed_at_scheme"): ("committing", set()),
    ("trial", "confirmed"): ("committed", {"commit"}),
    ("trial", "canceled"): ("canceled", set()),
    ("trial", "supply_ended"): ("canceled", set()),
    ("paying", "paid_at_scheme"): ("committing", set()),
    ("paying", "paid"): ("committed", {"commit"}),
    ("paying", "canceled"): ("canceled", {"close_bill"}),
    ("paying", "supply_ended"): ("canceled", {"close_bill"}),
    ("canceled", "paid"): ("canceled", {"refund"}),
    ("canceled", "paid_at_scheme"): ("canceled", {"refund"}),
    ("committing", "settled"): ("committed", {"commit"}),
    ("committing", "refused"): ("refused", {"refund"}),
    ("committing", "doubted"): ("reversing", {"refund"}),
    ("committing", "supply_ended"): ("reversing", {"refund"}),
    ("committed", "supply_ended"): ("reversing", {"refund", "take_back"}),
    ("committed", "claim_withdrawn"): ("reversed", set()),
    ("committed", "claim_turned_away"): ("reversed", set()),
    ("reversing", "undone"): ("reversed", set()),
}  # fmt: skip


def test_every_event_in_every_state() -> None:
    moves = {cell: move(*cell, PUBLIC) for cell in itertools.product(State, Event)}
    assert {cell: (found.state, set(found.effects)) for cell, found in moves.items() if found} == MOVES


@pytest.mark.parametrize("payer", [Payer.SELF, Payer.COMMERCIAL])
def test_without_a_scheme_there_is_nothing_to_reverse(payer: Payer) -> None:
    for state, event in itertools.product(State, Event):
        found, public = move(state, event, payer), move(state, event, PUBLIC)
        assert (found is None) == (public is None)
        if found and public:
            reverses = public.state is State.REVERSING
            assert found.state is (State.REVERSED if reverses else public.state)
            assert found.effects == public.effects


def test_what_is_paid_never_rests_where_nothing_follows() -> None:
    """From wherever money or a settlement at the scheme may be, an end without commit gives it back."""
    held = {State.COMMITTING, State.COMMITTED}
    for (state, _), (to, effects) in MOVES.items():
        if State(state) in held and State(to) not in held and (state, to) != ("committed", "reversed"):
            assert Effect.REFUND in effects
    assert set(LIVE) == {"asked", "trial", "paying", "committing", "committed", "reversing"}
    assert set(ASKING) == {"asked", "committing", "reversing"}


@pytest.mark.parametrize(
    ("payer", "kind", "pays", "event"),
    [
        (Payer.SELF, Kind.MEDICINE, 900, Event.CONFIRMED_TO_PAY),
        (Payer.COMMERCIAL, Kind.MEDICINE, 900, Event.CONFIRMED_TO_PAY),
        (Payer.PUBLIC_SCHEME, Kind.MEDICINE, 200, Event.CONFIRMED_TO_PAY),
        (Payer.COMMERCIAL, Kind.VISIT, 0, Event.CONFIRMED),
        (Payer.PUBLIC_SCHEME, Kind.VISIT, 0, Event.CONFIRMED_AT_SCHEME),
    ],
)
def test_what_is_paid_on_confirmation(payer: Payer, kind: Kind, pays: int, event: Event) -> None:
    assert to_pay(payer, kind, 900, 200) == pays
    assert confirmed(payer, pays) is event


def test_a_payment_goes_to_the_scheme_where_there_is_one() -> None:
    assert [paid(payer) for payer in Payer] == [Event.PAID, Event.PAID_AT_SCHEME, Event.PAID]


CLAIM_MOVES = {
    ("submitted", "opened"): "accepted",
    ("submitted", "turned_away"): "turned_away",
    ("withdrawing", "turned_away"): "turned_away",
    ("submitted", "withdrawal_asked"): "withdrawing",
    ("accepted", "withdrawal_asked"): "withdrawing",
    ("withdrawing", "withdrawn"): "withdrawn",
    ("accepted", "decided"): "decided",
    ("withdrawing", "decided"): "decided",
    ("decided", "returned"): "settled",
}


def test_every_event_in_every_state_of_a_claim() -> None:
    moves = {cell: move_claim(*cell) for cell in itertools.product(ClaimState, ClaimEvent)}
    assert {cell: state for cell, state in moves.items() if state is not None} == CLAIM_MOVES


@pytest.mark.parametrize("state", CaseState)
def test_only_an_open_case_is_decided_and_only_as_it_is_now(state: CaseState) -> None:
    def refusal(version: int, sequence: int, last: int = 0) -> str | None:
        return decision_refusal(state, claim_version=2, decided_version=version, last=last, sequence=sequence)

    if state is not CaseState.OPEN:
        assert refusal(2, 1) == refusal(1, 1) == "case_closed"
        return
    assert refusal(2, 1) is None
    assert refusal(1, 1) == refusal(3, 1) == "stale_claim_version"
    assert refusal(2, 1, last=1) == refusal(2, 0) == "stale_decision"
    assert refusal(2, 2, last=1) is None


def test_an_outcome_says_what_its_amounts_say() -> None:
    assert fits(Outcome.DENIED, 100, 0)
    assert not fits(Outcome.DENIED, 100, 1)
    assert all(fits(outcome, 100, fund) for outcome in (Outcome.APPROVED, Outcome.PARTIAL) for fund in (0, 1, 100))
    assert not fits(Outcome.APPROVED, 100, 101)
    assert not fits(Outcome.PARTIAL, 100, -1)


AMOUNTS = st.lists(st.integers(0, 10**7), min_size=1, max_size=8)


def items_of(amounts: list[int]) -> tuple[Item, ...]:
    return tuple(Item(at, "X", "x", "A", 1, amount) for at, amount in enumerate(amounts, 1))


def split_by(items: tuple[Item, ...], weights: tuple[int, int, int]) -> Split:
    """Each line by the same weights, the fund in two parts."""
    lines = tuple(LineSplit(item.sequence, *parts_of(item.amount, weights)) for item in items)
    fund, account, cash = (sum(getattr(line, part) for line in lines) for part in ("fund", "account", "cash"))
    return Split(fund + account + cash, fund, account, cash, {"310100": fund // 3, "330100": fund - fund // 3}, lines)


@given(amounts=AMOUNTS, weights=st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 9)))
def test_a_split_that_sums_is_believed(amounts: list[int], weights: tuple[int, int, int]) -> None:
    items = items_of(amounts)
    assert split_fits(split_by(items, weights), items)
    assert split_fits(all_own(items), items)


@given(amounts=AMOUNTS, by=st.integers(1, 5), field=st.sampled_from(("total", "fund", "account", "cash")))
def test_a_split_whose_sums_are_wrong_is_not(amounts: list[int], by: int, field: str) -> None:
    items = items_of(amounts)
    right = split_by(items, (3, 2, 5))
    assert not split_fits(replace(right, **{field: getattr(right, field) + by}), items)
    first = right.lines[0]
    moved = replace(first, fund=first.fund + by, cash=first.cash - by)
    assert not split_fits(replace(right, lines=(moved, *right.lines[1:])), items)
    assert not split_fits(replace(right, lines=right.lines[:-1]), items)
    assert not split_fits(replace(right, lines=(*right.lines, first)), items)
    assert not split_fits(replace(right, fund_parts={"310100": right.fund + by, "330100": -by}), items)
    other = replace(first, sequence=99)
    assert not split_fits(replace(right, lines=(other, *right.lines[1:])), items)
