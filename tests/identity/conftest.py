"""The programs of these tests: the SMS gateway and the web application that sends through it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import true

from app.core.http import Client, Policy
from app.core.ports import Ports, fill, ports
from app.core.unit import connect
from app.identity.connectors.sms import SmsGateway
from app.residents.api import known_as
from deploy.processes import Process
from tenants.api import signer_of
from tests.identity.phone import KEY, Gateway, Phone
from tests.platform import Platform


@dataclass
class Clock:
    """A clock that is put forward by hand."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The machine's time, so much ahead."""
        return datetime.now(UTC) + self.ahead

    def forward(self, **time: float) -> None:
        """Let time pass."""
        self.ahead += timedelta(**time)


@dataclass(frozen=True)
class Web:
    """The running web application."""

    url: str
    process: Process

    @property
    def api(self) -> str:
        """Where its API begins."""
        return f"{self.url}/api/v1"


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("sms") / "sms.log") as running:
        yield running


@pytest.fixture
def phone(gateway: Gateway) -> Phone:
    gateway.faults()
    return gateway.phone()


@pytest.fixture(scope="session")
def web(platform: Platform, gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    sms = {"CLOUD_SMS_URL": gateway.url, "CLOUD_SMS_KEY": KEY}
    with platform.stack(tmp_path_factory.mktemp("web"), **sms) as stack:
        yield Web(stack.url, stack.start_web())


@pytest.fixture
def clock(platform: Platform) -> Iterator[Clock]:
    """The clock of this process's units."""
    made = Clock()
    connect(replace(platform.database, clock=made))
    yield made
    connect(platform.database)


@pytest.fixture
def sending(platform: Platform, gateway: Gateway) -> Iterator[None]:
    """This process sends through the gateway."""
    with through(gateway.url):
        yield


@contextmanager
def through(url: str, key: str = KEY, seconds: float = 5) -> Iterator[None]:
    """Send through the gateway at `url`, waiting so many seconds for it."""
    with Client(replace(Policy.loopback(), total_timeout=seconds)) as client:
        former = ports()
        fill(
            Ports(
                SmsGateway(client, url, key), former.staff_grants, true(), lambda *asked: None,
                known_as, signer_of,
            )
        )  # fmt: skip
        try:
            yield
        finally:
            fill(former)
