"""Calls to others that somebody waits for: few at a time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from app.core import ports
from app.core.errors import TryLater
from app.core.http import Client, Policy
from app.core.ids import new_id
from app.core.outside import Gate
from app.core.ports import MessageNotSent
from app.identity.connectors import sms
from app.identity.connectors.sms import SmsGateway
from app.residents.connectors import registry
from app.residents.connectors.registry import Registry, RegistryUnavailable
from tests.core.journal.scenes import eventually
from tests.tenants.hooks import Message, Receiver, Reply, receiving


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


@pytest.fixture
def free() -> Iterator[threading.Event]:
    made = threading.Event()
    yield made
    made.set()


@pytest.fixture
def hanging(free: threading.Event) -> Iterator[Receiver]:
    """A partner that keeps everybody waiting until it is freed."""

    def hold(message: Message) -> Reply:
        free.wait(30)
        return 200, {}, b'{"result": "match"}'

    with receiving() as made:
        made.answer = hold
        yield made
        free.set()


def one_too_many(
    call: Callable[[], object], gate: Gate, partner: Receiver, free: threading.Event, error: type[Exception]
) -> None:
    """Every place is held by a call that hangs; the next is over soon, with `error`."""
    with ThreadPoolExecutor(gate.most) as threads:
        under_way = [threads.submit(call) for _ in range(gate.most)]
        eventually(lambda: len(partner.heard) == gate.most)
        began = monotonic()
        with pytest.raises(error, match="outside_busy"):
            call()
        assert monotonic() - began < gate.patience + 1
        free.set()
        assert not any(future.exception() for future in under_way)
    assert len(partner.heard) == gate.most
    call()


def test_a_gateway_that_hangs_holds_few(hanging: Receiver, free: threading.Event) -> None:
    with Client(Policy.loopback()) as client:
        gateway = SmsGateway(client, hanging.url, "key")
        message = ports.Message("sign_in_code", "en", {"code": "123456"})
        one_too_many(lambda: gateway(new_id(), "+8613800000000", message), sms.GATE, hanging, free, MessageNotSent)


def test_a_registry_that_hangs_holds_few(hanging: Receiver, free: threading.Event) -> None:
    with Client(Policy.loopback()) as client:
        ask = Registry(client, hanging.url, "key")
        one_too_many(lambda: ask("x", "y"), registry.GATE, hanging, free, RegistryUnavailable)
