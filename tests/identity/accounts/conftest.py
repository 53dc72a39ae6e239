"""The application within this process, its clock, and somebody with an account."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.core.ports import Message, fill, ports
from app.core.unit import connect, database
from app.factory import create_app
from tests.described import described
from tests.identity.accounts.owners import Owner, Sent, Stopped
from tests.platform import Platform


@pytest.fixture(scope="package")
def api(platform: Platform) -> Flask:
    """The application; its units run on the engine that all tests share, its messages go where they went before."""
    former = ports()
    made = described(create_app(platform.settings))
    database().engine.dispose()
    connect(platform.database)
    fill(former)
    return made


@pytest.fixture
def stopped(platform: Platform, api: Flask) -> Iterator[Stopped]:
    """The clock of everybody's units, which stands still."""
    made = Stopped()
    connect(replace(platform.database, clock=made))
    yield made
    connect(platform.database)


@pytest.fixture
def owner(api: Flask, stopped: Stopped) -> Owner:
    """Somebody who has signed in for the first time."""
    return Owner(api, stopped).sign_in()


@pytest.fixture
def sent(api: Flask) -> Iterator[Sent]:
    """The messages that were sent: which text, and in which language."""
    former, told = ports(), Sent()

    def send(message_id: object, phone: str, message: Message) -> None:
        told.append((message.template, message.locale))

    fill(replace(former, send_message=send))
    yield told
    fill(former)
