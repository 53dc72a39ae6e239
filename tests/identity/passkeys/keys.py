"""People with security keys, who call the application's API."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.core.ids import new_id
from deploy.demo.passkeys import SecurityKey
from tests.identity.test_second_factors import signed_in
from tests.tenants.world import Actor

LIST, REGISTER = "/me/passkeys", "/me/passkey-registrations"
CHALLENGE, PROVE = "/me/passkey-challenges", "/me/second-factor"
ASK, SIGN_IN = "/passkey-challenges", "/passkey-sign-ins"
NOT_ACCEPTED = "passkey_not_accepted"
PAGE = "http://localhost"


def somebody(app: Flask) -> Actor:
    """A person who has just signed in for the first time."""
    return signed_in(Actor(app, "", new_id()))


def make(person: Actor, key: SecurityKey, name: str = "钥匙") -> Any:
    """The passkey that the person makes with the key."""
    options = person.do("POST", REGISTER)["options"]
    return person.do("POST", LIST, {"name": name, "credential": key.make(options)})


def proof(person: Actor, key: SecurityKey) -> dict[str, Any]:
    """What the person sends to prove a second factor with the key."""
    return {"passkey": key.show(person.do("POST", CHALLENGE)["options"])}


@dataclass(frozen=True)
class Anybody:
    """Somebody who has not said who they are."""

    app: Flask

    @property
    def options(self) -> dict[str, Any]:
        """What their browser is asked."""
        return dict(Actor(self.app, "").do("POST", ASK)["options"])

    def send(self, credential: dict[str, Any]) -> TestResponse:
        """The answer to their browser's."""
        return Actor(self.app, "").ask("POST", SIGN_IN, {"credential": credential})

    def show(self, key: SecurityKey) -> TestResponse:
        """The answer to a try to sign in."""
        return self.send(key.show(self.options))

    def sign_in(self, key: SecurityKey) -> Actor:
        """Whoever has the key, signed in with it."""
        answer = self.show(key)
        assert answer.status_code == 201 and answer.json, answer.text
        assert not answer.json["is_new"]
        return Actor(self.app, answer.json["access_token"])


def code_of(answer: TestResponse) -> str:
    """The code of a refusal."""
    assert answer.status_code == 403 and answer.json, answer.text
    return str(answer.json["code"])
