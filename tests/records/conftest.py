"""The application of these tests, made once; its units run on the engine that all tests share."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core.ports import fill
from app.core.unit import connect, database
from app.factory import create_app, hearing
from tests.described import described
from tests.platform import Platform, default_ports
from tests.records.scenes import World
from tests.scheduling.clock import Clock


@pytest.fixture(scope="package")
def made(platform: Platform) -> Iterator[World]:
    app = described(create_app(platform.settings))
    database().engine.dispose()
    connect(platform.database)
    yield World(app, platform, hearing(platform.settings))


@pytest.fixture
def world(made: World, platform: Platform) -> World:
    """Institutions and their people."""
    fill(default_ports())
    connect(platform.database)
    return made


@pytest.fixture
def clock(world: World, platform: Platform) -> Iterator[Clock]:
    """The clock of everybody's units."""
    put = Clock()
    connect(replace(platform.database, clock=put))
    yield put
    connect(platform.database)
