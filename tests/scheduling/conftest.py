"""A clock that is put forward by hand, and a hospital."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core.unit import connect
from tests.platform import Platform
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import Hospital


@pytest.fixture
def clock(platform: Platform) -> Iterator[Clock]:
    """The clock of this process's units."""
    made = Clock()
    connect(replace(platform.database, clock=made))
    yield made
    connect(platform.database)


@pytest.fixture
def hospital(platform: Platform) -> Hospital:
    """A fresh hospital."""
    return Hospital()
