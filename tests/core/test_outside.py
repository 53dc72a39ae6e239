"""Calls to others that somebody waits for: few at a time."""

import threading

import pytest

from app.core.errors import TryLater
from app.core.outside import Gate


def test_a_full_gate_refuses_at_once_and_opens_again() -> None:
    gate = Gate(2)
    with gate.passed():
        with gate.passed():
            with pytest.raises(TryLater) as refused, gate.passed():
                pass
            assert (refused.value.status, refused.value.code, refused.value.retry_after) == (503, "outside_busy", 2)
        with gate.passed():
            pass


def test_nobody_has_two_places() -> None:
    gate = Gate(2)
    with gate.passed("one"):
        with pytest.raises(TryLater), gate.passed("one"):
            pass
        with gate.passed("two"):
            pass
    with gate.passed("one"):
        pass


def test_a_call_that_failed_leaves_its_place() -> None:
    gate = Gate(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"), gate.passed():
            raise ValueError("broken")


def test_who_waits_gets_the_place_that_becomes_free() -> None:
    gate, inside = Gate(1, patience=20), threading.Event()

    def hold() -> None:
        with gate.passed():
            inside.set()

    with gate.passed():
        waiting = threading.Thread(target=hold)
        waiting.start()
        assert not inside.wait(0.1)
    waiting.join()
    assert inside.is_set()
