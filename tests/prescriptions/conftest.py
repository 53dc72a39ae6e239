"""A clock that is put forward by hand, and a hospital whose doctor prescribes and whose pharmacists review."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core.unit import connect
from tests.platform import Platform
from tests.prescriptions.scenes import Ward
from tests.scheduling.clock import Clock


@pytest.fixture
def clock(platform: Platform) -> Iterator[Clock]:
    """The clock of this process's units."""
    made = Clock()
    connect(replace(platform.database, clock=made))
    yield made
    connect(platform.database)


@pytest.fixture
def ward(platform: Platform) -> Ward:
    """A fresh hospital."""
    return Ward(platform)
