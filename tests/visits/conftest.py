"""A clock that is put forward by hand, and a hospital that may hold visits online."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core.unit import connect
from tests.platform import Platform
from tests.scheduling.clock import Clock
from tests.visits.scenes import Clinic


@pytest.fixture
def clock(platform: Platform) -> Iterator[Clock]:
    """The clock of this process's units."""
    made = Clock()
    connect(replace(platform.database, clock=made))
    yield made
    connect(platform.database)


@pytest.fixture
def clinic(platform: Platform) -> Clinic:
    """A fresh hospital with its doctor."""
    return Clinic()
