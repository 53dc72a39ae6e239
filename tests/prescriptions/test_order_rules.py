"""The rules of routing, without a database."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescriptions.rules.choices import MOVED_ON, ChoiceState, Cost, Standing, may_follow, place
from prescriptions.rules.orders import (
    CONTENT_KEPT,
    ENDED,
    LIVE,
    NAMED,
    Against,
    OrderEvent,
    OrderState,
    Times,
    move,
    needed,
    refusal,
    signed_for,
)
from prescriptions.rules.pickup import MOST_WRONG, Verdict, tried
from prescriptions.rules.quotes import Offered, PricedList, Wanted, price, still_holds

S, E = OrderState, OrderEvent
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALLOWED = {
    (S.OFFERED, E.ACCEPTED): S.ACCEPTED, (S.OFFERED, E.DECLINED): S.DECLINED, (S.OFFERED, E.TIMED_OUT): S.TIMED_OUT,
    (S.OFFERED, E.REVOKED): S.REVOKED, (S.OFFERED, E.EXPIRED): S.EXPIRED,
    (S.ACCEPTED, E.CHECKED): S.CHECKED, (S.ACCEPTED, E.RELEASED): S.RELEASED, (S.ACCEPTED, E.REVOKED): S.REVOKED,
    (S.ACCEPTED, E.EXPIRED): S.EXPIRED,
    (S.CHECKED, E.BEGUN): S.PREPARING, (S.CHECKED, E.RELEASED): S.RELEASED, (S.CHECKED, E.REVOKED): S.REVOKED,
    (S.CHECKED, E.EXPIRED): S.EXPIRED,
    (S.PREPARING, E.VERIFIED): S.PREPARED, (S.PREPARING, E.REVOKED): S.REVOKED, (S.PREPARING, E.EXPIRED): S.EXPIRED,
    (S.PREPARED, E.SPOILED): S.CHECKED,
    (S.PREPARED, E.HANDED_OVER): S.FULFILLED, (S.PREPARED, E.REVOKED): S.REVOKED, (S.PREPARED, E.EXPIRED): S.EXPIRED,
}  # fmt: skip


def test_every_event_in_every_state() -> None:
    moves = {cell: move(*cell) for cell in product(OrderState, OrderEvent)}
    assert {cell: state for cell, state in moves.items() if state is not None} == ALLOWED


REFUSALS = {
    S.OFFERED: "order_not_accepted", S.ACCEPTED: "order_not_checked", S.CHECKED: "order_not_preparing",
    S.PREPARING: "order_not_prepared", S.FULFILLED: "order_fulfilled", **dict.fromkeys(ENDED, "order_ended"),
}  # fmt: skip


FURTHER = {S.ACCEPTED, S.CHECKED, S.PREPARING, S.PREPARED}
OVER = {
    E.ACCEPTED: FURTHER, E.DECLINED: FURTHER, E.TIMED_OUT: FURTHER, E.CHECKED: {S.CHECKED, S.PREPARING, S.PREPARED},
    E.BEGUN: {S.PREPARING, S.PREPARED}, E.VERIFIED: {S.PREPARED}, E.RELEASED: {S.PREPARING, S.PREPARED},
}  # fmt: skip
"""The states in which it is too late for an event."""


def test_a_refusal_says_what_to_do_next() -> None:
    cells = [cell for cell in product(S, E) if cell not in ALLOWED]
    found = {(state, event): refusal(state, needed(event)) for state, event in cells}
    assert found == {
        (state, event): f"order_already_{state}" if state in OVER.get(event, ()) else REFUSALS[state]
        for state, event in cells
    }


@given(st.lists(st.sampled_from(OrderEvent), max_size=40))
def test_an_order_ends_once_and_for_ever(events: list[OrderEvent]) -> None:
    state, ends = OrderState.OFFERED, 0
    for event in events:
        found = move(state, event)
        if found is not None:
            assert state in LIVE
            ends += found not in LIVE
            state = found
    assert ends == (state not in LIVE)


def test_the_states_are_sorted_into_living_fulfilled_and_ended() -> None:
    assert LIVE | ENDED | {OrderState.FULFILLED} == set(OrderState)
    assert not LIVE & ENDED
    assert {OrderState.OFFERED, *ENDED} == set(OrderState) - NAMED
    assert {state.value for state in OrderState if state not in LIVE} <= {state.value for state in ChoiceState}
    assert {state.value for state in MOVED_ON} < {state.value for state in ENDED}


def test_what_time_does() -> None:
    both, offer_ends, ends = Times(NOW + HOUR, NOW + 3 * HOUR), NOW + HOUR, NOW + 3 * HOUR
    nothing: dict[str, object] = dict.fromkeys(OrderState)

    def up(at: datetime) -> dict[str, object]:
        return {state: both.up(state, at) for state in OrderState}

    def against(at: datetime) -> dict[str, object]:
        return {state: both.against(state, at) for state in OrderState}

    assert {state: both.due(state, NOW) for state in OrderState} == {
        **dict.fromkeys(LIVE, ends), S.OFFERED: offer_ends,
        **dict.fromkeys(ENDED, NOW + CONTENT_KEPT), S.FULFILLED: None,
    }  # fmt: skip
    assert up(NOW) == against(NOW) == nothing
    assert up(offer_ends) == nothing | {S.OFFERED: E.TIMED_OUT}
    assert against(offer_ends) == nothing | {S.OFFERED: Against.OFFER_OVER}
    assert up(ends) == nothing | dict.fromkeys(LIVE, E.EXPIRED)
    assert against(ends) == nothing | dict.fromkeys(LIVE, Against.EXPIRED)
    assert {state for state, event in up(ends - timedelta(microseconds=1)).items() if event is E.EXPIRED} == set()


def test_an_offer_never_outlasts_the_prescription() -> None:
    assert Times(NOW + 3 * HOUR, NOW + HOUR).due(S.OFFERED, NOW) == NOW + HOUR
    assert Times(NOW + 3 * HOUR, NOW + HOUR).up(S.OFFERED, NOW + HOUR) is E.EXPIRED


def test_a_document_is_that_of_its_order_alone() -> None:
    document = {"id": "prx_1", "expires_at": "2026-11-22T04:00:00Z"}
    assert signed_for(document, "prx_1", NOW)
    assert not signed_for(document, "prx_2", NOW)
    assert not signed_for(document, "prx_1", NOW + timedelta(microseconds=1))
    for strange in ({}, {"id": "prx_1"}, {**document, "expires_at": None}, {**document, "expires_at": "soon"}):
        assert not signed_for(strange, "prx_1", NOW)


def test_a_try_with_a_code() -> None:
    def after(right: bool, wrong: int, locked: bool) -> tuple[Verdict, int, bool]:
        found = tried(right=right, wrong=wrong, locked=locked)
        return found.verdict, found.wrong, found.locks

    counts = range(MOST_WRONG + 2)
    assert [after(True, count, True) for count in counts] == [(Verdict.LOCKED, count + 1, False) for count in counts]
    assert [after(False, count, True) for count in counts] == [(Verdict.LOCKED, count + 1, False) for count in counts]
    assert [after(True, count, False) for count in counts] == [(Verdict.RIGHT, count, False) for count in counts]
    assert [after(False, count, False) for count in counts] == [
        (Verdict.WRONG, count + 1, count + 1 >= MOST_WRONG) for count in counts
    ]


@pytest.mark.parametrize(
    ("former", "following", "may"),
    [
        (Cost(100, 30), Cost(500, 30), True),
        (Cost(100, 30), Cost(20, 31), False),
        (Cost(100, 30), Cost(30, None), True),
        (Cost(100, 30), Cost(31, None), False),
        (Cost(100, None), Cost(900, 100), True),
        (Cost(100, None), Cost(101, None), False),
        (Cost(100, 0), Cost(1, None), False),
    ],
)
def test_the_next_one_follows_unasked_only_if_the_resident_pays_no_more(
    former: Cost, following: Cost, may: bool
) -> None:
    assert may_follow(former, following) is may


def test_quotes_before_a_resident() -> None:
    dear, cheap = Standing(7, True, Cost(900, 5)), Standing(3, True, Cost(10, None))
    same, gone = Standing(2, True, Cost(900, 5)), Standing(1, False, Cost(0, None))
    assert sorted([gone, cheap, dear, same], key=place) == [same, dear, cheap, gone]


WANTED = [Wanted(1, "a", "A", "A", 2), Wanted(2, "b", "B", "B", 1)]


def test_prices_and_stock() -> None:
    early, late = NOW, NOW + HOUR
    priced = price(WANTED, {"a": Offered(150, 2, late), "b": Offered(99, 1, early)})
    assert [(line.price, line.amount, line.available) for line in priced.lines] == [(150, 300, True), (99, 99, True)]
    assert (priced.total, priced.available, priced.as_of) == (399, True, early)
    short = price(WANTED, {"a": Offered(150, 1, late)})
    assert [(line.amount, line.available) for line in short.lines] == [(300, False), (None, False)]
    assert (short.total, short.available, short.as_of) == (300, False, late)
    assert price(WANTED, {}) == PricedList(price(WANTED, {}).lines, None)


def test_a_quote_is_for_exactly_these_medicines() -> None:
    everything = {"a": Offered(150, 9, NOW), "b": Offered(99, 9, NOW)}
    quoted = price(WANTED, everything).lines
    assert still_holds(quoted, WANTED)
    assert not still_holds(quoted, WANTED[:1])
    assert not still_holds(quoted[:1], WANTED)
    assert not still_holds(quoted, [WANTED[0], Wanted(2, "b", "B", "B", 2)])
    assert not still_holds(quoted, [WANTED[0], Wanted(2, "c", "B", "B", 1)])
    assert not still_holds(price(WANTED, {"a": everything["a"]}).lines, WANTED)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 99)), min_size=1, max_size=5))
def test_the_total_is_the_sum_of_the_amounts(asked: list[tuple[int, int]]) -> None:
    wanted = [Wanted(at, str(at), "x", "A", packs) for at, (_, packs) in enumerate(asked)]
    priced = price(wanted, {str(at): Offered(fen, 99, NOW) for at, (fen, _) in enumerate(asked)})
    assert priced.total == sum(fen * packs for fen, packs in asked) == sum(line.amount or 0 for line in priced.lines)
