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


def test_payments_move_forward_only() -> None:
    assert {now: {to for to in PaymentState if payments.moves(now, to)} for now in PaymentState} == FORWARD


def test_refunds_move_forward_only() -> None:
    assert {now: {to for to in RefundState if refunds.moves(now, to)} for now in RefundState} == REFUND_FORWARD


def test_counters_follow_a_refund() -> None:
    arrived = {state: 100 if state in ("succeeded", "paid_otherwise") else 0 for state in REFUND_FORWARD}
    on_the_way = {state: 100 if state in ("requested", "unknown", "pending") else 0 for state in REFUND_FORWARD}
    moves = [(now, to) for now in REFUND_FORWARD for to in sorted(REFUND_FORWARD[now])]
    assert {(now, to): refunds.counted(now, to, 100) for now, to in moves} == {
        (now, to): (arrived[to] - arrived[now], on_the_way[to] - on_the_way[now]) for now, to in moves
    }


def test_the_gateways_words_for_payments() -> None:
    expected = {
        ("requires_payment_method", False): "created",
        ("requires_payment_method", True): "failed",
        ("requires_confirmation", False): "created",
        ("requires_action", False): "requires_action",
        ("processing", True): "processing",
        ("succeeded", True): "succeeded",
        ("canceled", True): "canceled",
        ("requires_capture", False): None,
        ("", False): None,
    }
    assert {(word, failed): payments.told(word, failed=failed) for word, failed in expected} == expected


def test_the_gateways_words_for_refunds() -> None:
    expected = {
        "pending": "pending", "requires_action": "pending", "succeeded": "succeeded", "failed": "failed",
        "canceled": "failed", "else": None,
    }  # fmt: skip
    assert {word: refunds.told(word) for word in expected} == expected


@pytest.mark.parametrize(("confirmed", "stopping"), [*product((False, True), (False, True))])
def test_the_next_step_of_a_payment(confirmed: bool, stopping: bool) -> None:
    def steps(at_gateway: bool, age: timedelta) -> dict[str, Step | None]:
        return {
            state: payments.next_step(state, at_gateway=at_gateway, confirmed=confirmed, stopping=stopping, age=age)
            for state in PaymentState
        }

    ended: dict[str, Step | None] = {"failed": None, "canceled": None, "succeeded": None}
    living: list[str] = [state for state in PaymentState if state not in ended]
    follow = Step.CANCEL if stopping else Step.ASK if confirmed else Step.CONFIRM
    there = {**dict.fromkeys(living, follow), **ended, "failed": Step.CANCEL if stopping else None}
    assert steps(at_gateway=True, age=YOUNG) == there
    assert steps(at_gateway=False, age=YOUNG) == {**dict.fromkeys(living, Step.CREATE), "unknown": Step.FIND, **ended}
    unrepeated = {**dict.fromkeys(living, Step.FIND), **ended}
    assert steps(at_gateway=False, age=OLD) == unrepeated, "never repeated when its key may be forgotten"


def test_the_next_step_of_a_refund() -> None:
    def steps(at_gateway: bool, age: timedelta) -> dict[str, Step | None]:
        return {state: refunds.next_step(state, at_gateway=at_gateway, age=age) for state in RefundState}

    ended: dict[str, Step | None] = {"succeeded": None, "failed": None, "paid_otherwise": None}
    living: list[str] = [state for state in RefundState if state not in ended]
    assert steps(at_gateway=True, age=YOUNG) == {**dict.fromkeys(living, Step.ASK), **ended}
    assert steps(at_gateway=False, age=YOUNG) == {**dict.fromkeys(living, Step.CREATE), "unknown": Step.FIND, **ended}
    assert steps(at_gateway=False, age=OLD) == {**dict.fromkeys(living, Step.FIND), **ended}


def test_what_is_under_way() -> None:
    ended = {"failed", "canceled", "succeeded"}
    assert {state.value for state in PaymentState if not payments.under_way(state)} == ended


def test_a_payment_that_may_succeed_has_a_step_that_ends_it() -> None:
    """Otherwise a bill that is being canceled would wait for ever."""
    for state, at_gateway, confirmed in product(PaymentState, (False, True), (False, True)):
        step = payments.next_step(state, at_gateway=at_gateway, confirmed=confirmed, stopping=True, age=YOUNG)
        assert (step is not None) == payments.may_succeed(state, at_gateway=at_gateway)


def test_canceling_a_bill() -> None:
    expected = {
        ("open", ()): "canceled",
        ("open", (False, False)): "canceled",
        ("open", (False, True)): "canceling",
        ("canceling", (True,)): "canceling",
        ("canceling", (False,)): "canceled",
        ("paid", ()): "paid",
        ("paid", (True,)): "paid",
        ("canceled", ()): "canceled",
        ("canceled", (True,)): "canceled",
    }
    assert {(state, payable): bills.canceling(state, payable) for state, payable in expected} == expected


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
