"""The application with the edge's own slice, in this process and as web processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.core.unit import connect, database
from app.factory import create_app
from app.settings import Settings
from deploy.stack import Stack
from tests.described import described
from tests.edge.caller import Caller
from tests.platform import Platform

SLICES = ("tests.dummy.slice", "tests.edge.slice")


@contextmanager
def running(platform: Platform, settings: Settings) -> Iterator[Flask]:
    """An application over `settings`; afterwards this process works on the shared database again."""
    app = described(create_app(replace(settings, slices=SLICES)))
    engine = database().engine
    try:
        yield app
    finally:
        engine.dispose()
        connect(platform.database)


@pytest.fixture(scope="package")
def app(platform: Platform) -> Iterator[Flask]:
    """The application."""
    with running(platform, platform.settings) as made:
        yield made


@pytest.fixture
def north(app: Flask) -> Caller:
    """A caller of one tenant."""
    return Caller(app)


@pytest.fixture
def south(app: Flask) -> Caller:
    """A caller of another tenant."""
    return Caller(app)


@pytest.fixture
def stack(platform: Platform, logs: Path) -> Iterator[Stack]:
    """Web processes with the edge's own slice."""
    with platform.stack(logs, CLOUD_SLICES=",".join(SLICES)) as made:
        made.start_web()
        yield made
