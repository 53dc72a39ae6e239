"""A person makes a passkey, signs in with it alone, proves it as a second factor, and removes it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.core.ids import new_id
from app.core.unit import connect, database
from app.factory import create_app
from deploy.demo.passkeys import SecurityKey
from tests.described import described
from tests.identity.test_second_factors import signed_in
from tests.platform import Platform
from tests.tenants.world import Actor

LIST, REGISTER, CHALLENGE = "/me/passkeys", "/me/passkey-registrations", "/me/passkey-challenges"
ASK, SIGN_IN = "/passkey-challenges", "/passkey-sign-ins"
NOT_ACCEPTED = "passkey_not_accepted"
PAGE = "http://localhost"


@pytest.fixture(scope="module")
def app(platform: Platform) -> Iterator[Flask]:
    """The application; its units run on the engine that all tests share."""
    made = described(create_app(platform.settings))
    database().engine.dispose()
    connect(platform.database)
    yield made


@pytest.fixture
def person(app: Flask) -> Actor:
    """Somebody who has just signed in for the first time."""
    return signed_in(Actor(app, "", new_id()))


@pytest.fixture
def key() -> SecurityKey:
    """Their security key."""
    return SecurityKey(PAGE)


def make(person: Actor, key: SecurityKey, name: str = "钥匙") -> Any:
    """The passkey that the person makes with the key."""
    options = person.do("POST", REGISTER)["options"]
    return person.do("POST", LIST, {"name": name, "credential": key.make(options)})


def sign_in(app: Flask, key: SecurityKey) -> Actor:
    """Whoever has the key, signed in with it."""
    anybody = Actor(app, "")
    answer = anybody.do("POST", SIGN_IN, {"credential": key.show(anybody.do("POST", ASK)["options"])})
    return Actor(app, answer["access_token"], key_owner(answer))


def key_owner(answer: Any) -> Any:
    return answer["person"]


def test_from_making_one_to_signing_in_without_a_phone(app: Flask, person: Actor, key: SecurityKey) -> None:
    make(person, key)
    again = sign_in(app, key)
    assert again.do("GET", "/me")["id"] == person.do("GET", "/me")["id"]
