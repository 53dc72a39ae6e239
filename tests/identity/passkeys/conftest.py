"""The application, within this process, and a person with a security key."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.core.unit import connect, database
from app.factory import create_app
from deploy.demo.passkeys import SecurityKey
from tests.described import described
from tests.identity.passkeys.keys import PAGE, Anybody, somebody
from tests.platform import Platform
from tests.tenants.world import Actor


@pytest.fixture(scope="package")
def app(platform: Platform) -> Iterator[Flask]:
    """The application; its units run on the engine that all tests share."""
    made = described(create_app(platform.settings))
    database().engine.dispose()
    connect(platform.database)
    yield made


@pytest.fixture
def person(app: Flask) -> Actor:
    """Somebody who has just signed in for the first time."""
    return somebody(app)


@pytest.fixture
def key() -> SecurityKey:
    """Their security key."""
    return SecurityKey(PAGE)


@pytest.fixture
def anybody(app: Flask) -> Anybody:
    """Somebody who wants to sign in."""
    return Anybody(app)
