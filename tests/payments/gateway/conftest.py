"""One gateway process for the folder, a merchant of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.payments.gateway.partner import (
    Merchant,
    Receiver,
    Sandbox,
    client_for,
    listening_receiver,
    running_sandbox,
)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def merchant(sandbox: Sandbox) -> Merchant:
    key = sandbox.open_account()
    return Merchant(sandbox, key, client_for(sandbox, key))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening_receiver() as listening:
        yield listening
