"""The programs of these tests: the registry of identities, and the application that asks it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import true

from app.core.http import Policy
from app.core.ports import Ports, fill, ports
from app.core.unit import connect, database
from app.factory import create_app, hearing
from app.residents.api import known_as
from app.residents.connectors.registry import AskRegistry, Registry, over
from app.residents.names import REGISTRY
from tenants.api import granted, signer_of
from tests.described import described
from tests.platform import Platform
from tests.residents.world import KEY, RegistryProgram, World


@pytest.fixture(scope="session")
def running_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryProgram]:
    with RegistryProgram(tmp_path_factory.mktemp("registry") / "registry.log") as running:
        yield running


@pytest.fixture
def registry(running_registry: RegistryProgram) -> RegistryProgram:
    """The registry, which works until it is told otherwise."""
    running_registry.faults()
    return running_registry


@pytest.fixture
def ask(registry: RegistryProgram) -> Iterator[AskRegistry]:
    """How the application asks it."""
    with asking_at(registry.url) as made:
        yield made


@pytest.fixture(scope="package")
def made(platform: Platform, running_registry: RegistryProgram) -> Iterator[World]:
    """The application, made once; its units run on the engine that all tests share."""
    settings = replace(platform.settings, registry_url=running_registry.url, registry_key=KEY)
    app = described(create_app(settings))
    database().engine.dispose()
    connect(platform.database)
    yield World(app, platform, hearing(settings).handlers)
    app.extensions[REGISTRY].client.close()


@pytest.fixture
def world(made: World, registry: RegistryProgram, platform: Platform) -> Iterator[World]:
    """The people; codes are sent to nobody here, and staff are known."""
    former = ports()
    fill(
        Ports(
            lambda message_id, phone, message: None, granted, true(), lambda *asked: None, known_as,
            signer_of,
        )
    )  # fmt: skip
    connect(platform.database)
    yield made
    fill(former)


@contextmanager
def asking_at(url: str, key: str = KEY) -> Iterator[Registry]:
    """A way to ask the registry at `url`, closed in the end."""
    made = over(Policy.loopback(), url, key)
    with made.client:
        yield made


@contextmanager
def asking(world: World, url: str, key: str = KEY) -> Iterator[None]:
    """The application asks another registry."""
    former = world.app.extensions[REGISTRY]
    with asking_at(url, key) as other:
        world.app.extensions[REGISTRY] = other
        yield
    world.app.extensions[REGISTRY] = former


class Clock:
    """A clock that is put forward by hand."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        """The machine's time, so much ahead."""
        return datetime.now(UTC) + self.ahead

    def forward(self, **time: float) -> None:
        """Let time pass."""
        self.ahead += timedelta(**time)


@pytest.fixture
def clock(world: World, platform: Platform) -> Iterator[Clock]:
    """The clock of everybody's units."""
    put = Clock()
    connect(replace(platform.database, clock=put))
    yield put
    connect(platform.database)
