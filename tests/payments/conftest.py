"""The gateway, and the web application that listens for its webhooks on a real socket."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.serving import make_server

from app.core.ids import PublicId
from app.core.unit import connect, database
from app.factory import create_app
from tests.described import described
from tests.payments.gateway.partner import Sandbox, running_sandbox
from tests.payments.shop import Shop
from tests.platform import Platform


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@dataclass(frozen=True)
class Web:
    """The web application and where it listens."""

    app: Flask
    url: str


@pytest.fixture(scope="session")
def web(platform: Platform) -> Iterator[Web]:
    made = described(create_app(platform.settings))
    engine = database().engine
    server = make_server("127.0.0.1", 0, made, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield Web(made, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
    engine.dispose()
    connect(platform.database)


@pytest.fixture
def open_shop(platform: Platform, sandbox: Sandbox, web: Web) -> Callable[[], Shop]:
    """A way to open further shops."""
    return lambda: Shop(platform, sandbox, web.app, web.url)


@pytest.fixture
def shop(open_shop: Callable[[], Shop]) -> Shop:
    """A hospital whose account hears no webhooks until it listens."""
    return open_shop()


@pytest.fixture
def bill(shop: Shop) -> PublicId:
    """A bill of 1000 fen, paid by card."""
    made = shop.bill(1000)
    assert shop.pay(made, "card").status_code == 201
    return made
