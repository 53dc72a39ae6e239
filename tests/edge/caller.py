"""Somebody who calls the API: a client of a fresh tenant with a token."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.api import register_client
from tests.edge.slice import READ, WRITE
from tests.platform import new_tenant

BOTH = (READ, WRITE)


@dataclass
class Caller:
    """One client; `tenant` is where it belongs."""

    app: Flask
    tenant: Scope = field(default_factory=new_tenant)
    permissions: tuple[str, ...] = BOTH
    token: str = field(init=False)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        """Register the client and get a token."""
        self.id, secret = registered(self.tenant, self.permissions)
        with self.app.test_client() as web:
            answer = web.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(self.id, secret))
        assert answer.json, answer.data
        self.token = answer.json["access_token"]

    @property
    def web(self) -> FlaskClient:
        """A browser of its own, so that threads share none."""
        return self.app.test_client()

    def get(self, path: str, **more: Any) -> TestResponse:
        """GET `path` of the API with the token."""
        return self.web.get(f"/api/v1{path}", headers=self.headers(more.pop("headers", {})), **more)

    def post(self, path: str, json: Any = None, *, key: str | None = None, **more: Any) -> TestResponse:
        """POST to `path` with the token and a key, a fresh one where none is given."""
        headers = self.headers({"Idempotency-Key": key or uuid4().hex, **more.pop("headers", {})})
        return self.web.post(f"/api/v1{path}", json=json, headers=headers, **more)

    def put(self, path: str, json: Any, **headers: str) -> TestResponse:
        """PUT to `path` with the token and a fresh key."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = self.headers({"Idempotency-Key": uuid4().hex, **named})
        return self.web.put(f"/api/v1{path}", json=json, headers=given)

    def headers(self, more: dict[str, str]) -> dict[str, str]:
        """The headers of a request by this caller."""
        return {"Authorization": f"Bearer {self.token}", **more}


def registered(tenant: Scope, permissions: tuple[str, ...]) -> tuple[str, str]:
    """A new client of `tenant`: its id and its secret."""

    def work(opened: Unit) -> tuple[str, str]:
        client, secret = register_client(opened, "edge", permissions)
        return str(client), secret

    return run(tenant, work)
