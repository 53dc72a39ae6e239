"""Every state against every fact; the tables are written out, so that a change of a rule is a change here."""

from datetime import timedelta
from itertools import product

import pytest

from app.payments.rules import bills, payments, refunds
from app.payments.rules.bills import BillState
from app.payments.rules.payments import KEY_KEPT, PaymentState, Step
from app.payments.rules.refunds import RefundState

FORWARD = {
    "created": {"unknown", "requires_action", "processing", "failed", "canceled", "succeeded"},
    "unknown": {"requires_action", "processing", "failed", "canceled", "succeeded"},
    "requires_action": {"processing", "failed", "canceled", "succeeded"},
    "processing": {"failed", "canceled", "succeeded"},
    "failed": {"canceled", "succeeded"},
    "canceled": {"succeeded"},
    "succeeded": set(),
}
REFUND_FORWARD = {
    "requested": {"unknown", "pending", "succeeded", "failed", "paid_otherwise"},
    "unknown": {"pending", "succeeded", "failed", "paid_otherwise"},
    "pending": {"succeeded", "failed", "paid_otherwise"},
    "succeeded": {"failed", "paid_otherwise"},
    "failed": {"paid_otherwise"},
    "paid_otherwise": set(),
}
YOUNG, OLD = timedelta(minutes=1), KEY_KEPT + timedelta(minutes=1)


@pytest.mark.parametrize(("now", "to"), [*product(PaymentState, PaymentState)])
def test_payments_move_forward_only(now: PaymentState, to: PaymentState) -> None:
    assert payments.moves(now, to) == (to in FORWARD[now])


@pytest.mark.parametrize(("now", "to"), [*product(RefundState, RefundState)])
def test_refunds_move_forward_only(now: RefundState, to: RefundState) -> None:
    assert refunds.moves(now, to) == (to in REFUND_FORWARD[now])


@pytest.mark.parametrize(("now", "to"), [(now, to) for now in REFUND_FORWARD for to in sorted(REFUND_FORWARD[now])])
def test_counters_follow_a_refund(now: str, to: str) -> None:
    def counters(state: str) -> tuple[int, int]:
        arrived = state in ("succeeded", "paid_otherwise")
        return (100 if arrived else 0, 100 if state in ("requested", "unknown", "pending") else 0)

    before, after = counters(now), counters(to)
    assert refunds.counted(now, to, 100) == (after[0] - before[0], after[1] - before[1])


@pytest.mark.parametrize(
    ("word", "failed", "state"),
    [
        ("requires_payment_method", False, "created"),
        ("requires_payment_method", True, "failed"),
        ("requires_confirmation", False, "created"),
        ("requires_action", False, "requires_action"),
        ("processing", True, "processing"),
        ("succeeded", True, "succeeded"),
        ("canceled", True, "canceled"),
        ("requires_capture", False, None),
        ("", False, None),
    ],
)
def test_the_gateways_words_for_payments(word: str, failed: bool, state: str | None) -> None:
    assert payments.told(word, failed=failed) == state


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("pending", "pending"), ("requires_action", "pending"), ("succeeded", "succeeded"), ("failed", "failed"),
        ("canceled", "failed"), ("else", None),
    ],
)  # fmt: skip
def test_the_gateways_words_for_refunds(word: str, state: str | None) -> None:
    assert refunds.told(word) == state


@pytest.mark.parametrize(
    ("state", "at_gateway", "confirmed", "stopping"),
    [*product(PaymentState, (False, True), (False, True), (False, True))],
)
def test_the_next_step_of_a_payment(state: PaymentState, at_gateway: bool, confirmed: bool, stopping: bool) -> None:
    def step(age: timedelta) -> Step | None:
        return payments.next_step(state, at_gateway=at_gateway, confirmed=confirmed, stopping=stopping, age=age)

    if state in ("succeeded", "canceled"):
        expected = None
    elif state == "failed":
        expected = Step.CANCEL if at_gateway and stopping else None
    elif not at_gateway:
        expected = Step.FIND if state == "unknown" else Step.CREATE
        assert step(OLD) is Step.FIND, "never repeated when its key may be forgotten"
    else:
        expected = Step.CANCEL if stopping else Step.ASK if confirmed else Step.CONFIRM
    assert step(YOUNG) is expected


@pytest.mark.parametrize(("state", "at_gateway"), [*product(RefundState, (False, True))])
def test_the_next_step_of_a_refund(state: RefundState, at_gateway: bool) -> None:
    step = refunds.next_step(state, at_gateway=at_gateway, age=YOUNG)
    if state in ("succeeded", "failed", "paid_otherwise"):
        assert step is None
    elif at_gateway:
        assert step is Step.ASK
    else:
        assert step is (Step.FIND if state == "unknown" else Step.CREATE)
        assert refunds.next_step(state, at_gateway=False, age=OLD) is Step.FIND


def test_what_is_under_way() -> None:
    ended = {"failed", "canceled", "succeeded"}
    assert {state.value for state in PaymentState if not payments.under_way(state)} == ended


def test_a_payment_that_may_succeed_has_a_step_that_ends_it() -> None:
    """Otherwise a bill that is being canceled would wait for ever."""
    for state, at_gateway, confirmed in product(PaymentState, (False, True), (False, True)):
        step = payments.next_step(state, at_gateway=at_gateway, confirmed=confirmed, stopping=True, age=YOUNG)
        assert (step is not None) == payments.may_succeed(state, at_gateway=at_gateway)


@pytest.mark.parametrize(
    ("state", "open_payments", "after"),
    [
        ("open", [], "canceled"),
        ("open", [False, False], "canceled"),
        ("open", [False, True], "canceling"),
        ("canceling", [True], "canceling"),
        ("canceling", [False], "canceled"),
        ("paid", [], "paid"),
        ("paid", [True], "paid"),
        ("canceled", [], "canceled"),
        ("canceled", [True], "canceled"),
    ],
)
def test_canceling_a_bill(state: str, open_payments: list[bool], after: str) -> None:
    assert bills.canceling(state, open_payments) == after


def test_what_a_success_does_to_a_bill() -> None:
    assert {state: bills.pays(state) for state in BillState} == {
        "open": True, "canceling": True, "paid": False, "canceled": False,
    }  # fmt: skip
    assert [state for state in BillState if bills.payable(state)] == ["open"]


def test_a_lost_webhook_is_made_up_for_in_time() -> None:
    pauses = [payments.pause(tries) for tries in range(300)]
    assert pauses[0] == timedelta(seconds=5)
    assert all(pause <= timedelta(seconds=30) for pause in pauses[:120])
    assert sum(pauses[:121], timedelta()) > timedelta(minutes=55)
    assert pauses == sorted(pauses) and pauses[-1] == timedelta(hours=4)


def test_follow_ups_of_a_refund_end_while_keys_are_kept() -> None:
    pauses = [refunds.follow_up(attempt) for attempt in range(1, 7)]
    assert pauses[-2:] == [None, None]
    assert all(pause < KEY_KEPT for pause in pauses if pause)
