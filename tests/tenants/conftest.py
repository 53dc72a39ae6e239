"""The application and the people who use it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core.ports import fill
from app.core.unit import connect, database
from app.factory import create_app, hearing
from tenants.api import invite_operator
from tests.described import described
from tests.platform import Platform, default_ports
from tests.tenants.hooks import Receiver, receiving
from tests.tenants.world import Actor, Tenant, World


@pytest.fixture(scope="package")
def made(platform: Platform) -> Iterator[World]:
    """The application, made once; its units run on the engine that all tests share."""
    app = described(create_app(platform.settings))
    database().engine.dispose()
    connect(platform.database)
    world = World(app, platform, hearing(platform.settings), default_ports())
    world.operator, world.operator_member = operating(world)
    world.second, world.second_member = operating(world)
    yield world


def operating(world: World) -> tuple[Actor, str]:
    """Another operator of the platform, and their member id."""
    person, token = world.person(), invite_operator("operator").token
    joined = person.do("POST", "/staff-invitations/acceptance", {"token": token})["id"]
    return world.act(person, joined), joined


@pytest.fixture
def world(made: World) -> World:
    """The people; the ports are the application's, whoever filled them meanwhile."""
    fill(made.ports)
    return made


class Clock:
    """A clock that is put forward by hand."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        """The machine's time, so much ahead."""
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock(world: World, platform: Platform) -> Iterator[Clock]:
    """The clock of everybody's units."""
    put = Clock()
    connect(replace(platform.database, clock=put))
    yield put
    connect(platform.database)


@pytest.fixture
def clinic(world: World) -> Tenant:
    """An open clinic."""
    return world.open("clinic")


@pytest.fixture
def pharmacy(world: World) -> Tenant:
    """An open pharmacy."""
    return world.open("pharmacy")


@pytest.fixture
def hooks() -> Iterator[Receiver]:
    """A receiver of challenges and hooks."""
    with receiving() as made:
        yield made
