"""The whole application over the shared database."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.core.access import PUBLIC
from app.core.unit import connect, database
from app.edge.permissions import doors
from app.factory import create_app
from app.identity.api import PERMISSIONS
from tests.architecture.shown import show
from tests.architecture.victims import Victims
from tests.core.journal.scenes import seal_all
from tests.platform import Platform


@pytest.fixture(scope="package")
def app(platform: Platform) -> Iterator[Flask]:
    """Every slice of the platform, and the dummy one; afterwards this process works on the shared engine again."""
    made = create_app(platform.settings)
    engine = database().engine
    yield made
    engine.dispose()
    connect(platform.database)


@pytest.fixture(scope="package")
def every(app: Flask) -> frozenset[str]:
    """Every permission that there is."""
    return frozenset(door.permission for door in doors(app)).union(*PERMISSIONS.values()) - {PUBLIC}


@pytest.fixture(scope="package")
def victims(platform: Platform) -> Victims:
    """Who have something of every kind that others must not see."""
    made = Victims.make()
    for _ in range(2):  # so that lists have a second page
        show(made.tenants[0], made.resident, made.things["delivery_id"].id.scope)
    seal_all(platform, made.resident)
    return made
