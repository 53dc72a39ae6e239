"""Sending codes and taking them back: limits, tries, races, and a gateway that fails."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from app.core.errors import TryLater
from app.identity.errors import TooManyCodes
from app.identity.service.codes import make_challenge, redeem, send_code, void_challenge
from deploy.processes import free_port
from tests.identity.conftest import Clock, through
from tests.identity.phone import Gateway, Phone, wrong
from tests.platform import Platform

Result = TypeVar("Result")
pytestmark = pytest.mark.usefixtures("sending")


def at_once(many: int, work: Callable[[], Result]) -> list[Result]:
    """What `work` returned in that many threads that began together."""
    gate = threading.Barrier(many)

    def start() -> Result:
        gate.wait()
        return work()

    with ThreadPoolExecutor(many) as pool:
        return [future.result() for future in [pool.submit(start) for _ in range(many)]]


def waits(phone: Phone) -> int:
    """How long the next code is refused, in seconds."""
    with pytest.raises(TooManyCodes) as refused:
        send_code(phone.number)
    return refused.value.retry_after or 0


def test_fifty_wrong_codes_at_once_all_count(phone: Phone) -> None:
    made = make_challenge(phone.number)
    assert at_once(50, lambda: redeem(phone.number, wrong(made.code))) == [False] * 50
    assert not redeem(phone.number, made.code)


@pytest.mark.parametrize(("guesses", "opens"), [(4, True), (5, False)])
def test_guesses_at_once_cost_one_try_each(phone: Phone, guesses: int, opens: bool) -> None:
    made = make_challenge(phone.number)
    at_once(guesses, lambda: redeem(phone.number, wrong(made.code)))
    assert redeem(phone.number, made.code) is opens


def test_a_right_code_opens_once(phone: Phone) -> None:
    made = make_challenge(phone.number)
    assert sorted(at_once(20, lambda: redeem(phone.number, made.code))) == [False] * 19 + [True]


@pytest.mark.parametrize("former", [0, 1])
def test_one_code_is_made_for_one_number_at_once(clock: Clock, phone: Phone, former: int) -> None:
    for _ in range(former):
        make_challenge(phone.number)
        clock.forward(seconds=61)

    def is_made() -> bool:
        try:
            make_challenge(phone.number)
        except TooManyCodes:
            return False
        return True

    assert sorted(at_once(20, is_made)) == [False] * 19 + [True]


def test_a_code_holds_five_minutes(clock: Clock, phone: Phone) -> None:
    send_code(phone.number)
    clock.forward(minutes=4, seconds=58)
    assert not redeem(phone.number, wrong(phone.code))
    clock.forward(seconds=3)
    assert not redeem(phone.number, phone.code)


def test_a_fresh_code_ends_the_former(clock: Clock, phone: Phone) -> None:
    send_code(phone.number)
    former = phone.code
    clock.forward(seconds=61)
    send_code(phone.number)
    assert former == phone.code or not redeem(phone.number, former)
    assert redeem(phone.number, phone.code)


def test_a_code_belongs_to_one_number(gateway: Gateway, phone: Phone) -> None:
    other = gateway.phone()
    mine, theirs = make_challenge(phone.number), make_challenge(other.number)
    assert mine.code == theirs.code or not redeem(phone.number, theirs.code)


def test_limits_of_minute_hour_and_day(clock: Clock, phone: Phone) -> None:
    pauses = []
    for _ in range(5):
        pauses.append(send_code(phone.number).resend_in)
        clock.forward(seconds=61)
    assert pauses[:4] == [60] * 4
    assert pauses[4] > 3000
    assert 3200 < waits(phone) <= 3600 - 5 * 61 + 1
    clock.forward(hours=1)
    for _ in range(5):
        send_code(phone.number)
        clock.forward(seconds=61)
    assert waits(phone) > 20 * 3600
    clock.forward(days=1)
    send_code(phone.number)
    assert 58 <= waits(phone) <= 60
    assert len(phone.texts) == 11


def test_a_gateway_that_fails_voids_the_code(gateway: Gateway, phone: Phone) -> None:
    gateway.faults(http_500=1)
    with pytest.raises(TryLater) as failed:
        send_code(phone.number)
    assert (failed.value.code, failed.value.retry_after) == ("message_not_sent", 10)
    assert phone.texts == []
    send_code(phone.number)
    assert redeem(phone.number, phone.code)


def test_a_gateway_that_is_down_voids_the_code(gateway: Gateway, phone: Phone) -> None:
    with through(f"http://127.0.0.1:{free_port()}"):
        for _ in range(3):
            with pytest.raises(TryLater):
                send_code(phone.number)
    with through(gateway.url):
        send_code(phone.number)
    assert redeem(phone.number, phone.code)


def test_a_wrong_key_is_no_message(gateway: Gateway, phone: Phone) -> None:
    with through(gateway.url, "another"), pytest.raises(TryLater):
        send_code(phone.number)
    assert phone.texts == []


def test_a_voided_code_opens_nothing(phone: Phone) -> None:
    made = make_challenge(phone.number)
    void_challenge(phone.number, made.id)
    assert not redeem(phone.number, made.code)


def test_voiding_late_spares_the_next_code(clock: Clock, phone: Phone) -> None:
    former = make_challenge(phone.number)
    clock.forward(seconds=61)
    made = make_challenge(phone.number)
    void_challenge(phone.number, former.id)
    assert redeem(phone.number, made.code)
    assert waits(phone) > 0


@pytest.mark.parametrize("drops", [1, 2])
def test_a_lost_answer_keeps_the_code(gateway: Gateway, phone: Phone, drops: int) -> None:
    gateway.faults(drop=drops)
    send_code(phone.number)
    assert len(phone.texts) == 1
    assert redeem(phone.number, phone.code)


def test_a_late_answer_keeps_the_code_and_holds_no_connection(
    platform: Platform, gateway: Gateway, phone: Phone
) -> None:
    gateway.faults(delay_ms=3000)
    with through(gateway.url, seconds=0.5):
        sender = threading.Thread(target=send_code, args=(phone.number,))
        sender.start()
        deadline = time.monotonic() + 10
        while not phone.texts and time.monotonic() < deadline:
            time.sleep(0.01)
        in_use = platform.app.pool.checkedout()  # type: ignore[attr-defined]  # the engine has a queue pool
        sender.join()
    gateway.faults()
    assert in_use == 0
    assert redeem(phone.number, phone.code)


def test_what_is_stored_tells_neither_number_nor_code(platform: Platform, phone: Phone) -> None:
    made = make_challenge(phone.number)
    with platform.connection() as connection:
        rows = connection.execute("SELECT row_to_json(c)::text FROM phone_challenges c").fetchall()
    mine = [text for (text,) in rows if str(made.id) in text]
    assert len(mine) == 1
    assert phone.number.removeprefix("+86") not in mine[0]
    assert f'"{made.code}"' not in mine[0]
