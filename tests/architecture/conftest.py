"""The whole application over the shared database."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.core.unit import connect, database
from app.factory import create_app
from tests.platform import Platform


@pytest.fixture(scope="package")
def app(platform: Platform) -> Iterator[Flask]:
    """Every slice of the platform, and the dummy one; afterwards this process works on the shared engine again."""
    made = create_app(platform.settings)
    engine = database().engine
    yield made
    engine.dispose()
    connect(platform.database)
