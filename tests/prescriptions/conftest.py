"""A clock that is put forward by hand, a hospital whose doctor prescribes and whose pharmacists review, and the API."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.core.ports import fill, ports
from app.core.unit import connect, database
from app.factory import create_app
from tests.described import described
from tests.platform import Platform
from tests.prescriptions.api_scenes import Scene
from tests.prescriptions.routing_scenes import Town
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


@pytest.fixture(scope="module")
def app(platform: Platform) -> Iterator[Flask]:
    """The application; its units run on the engine that all tests share."""
    former, made = ports(), described(create_app(platform.settings))
    database().engine.dispose()
    connect(platform.database)
    yield made
    fill(former)


@pytest.fixture
def scene(app: Flask, platform: Platform) -> Scene:
    """A fresh town."""
    return Scene(app, Town(platform))
