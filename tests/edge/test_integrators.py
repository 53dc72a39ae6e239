"""What an integrator can learn from the document alone, and the page that shows it."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.edge.docs import POLICY
from tests.edge.conftest import running
from tests.platform import Platform


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json()
    return found


def test_the_token_endpoint_is_described(document: dict[str, Any]) -> None:
    form = document["paths"]["/oauth/token"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    assert form["schema"]["properties"]["grant_type"] == {"const": "client_credentials"}


def test_every_public_event_is_a_hook_with_its_sentence(app: Flask, document: dict[str, Any]) -> None:
    public = app.extensions["cloud_hospital_public_types"]
    hooks = document["webhooks"]
    assert set(hooks) == {*public, "endpoint.verification"}
    assert all(hook["post"]["summary"] for hook in hooks.values())
    assert "nonce" in str(hooks["endpoint.verification"])


def test_the_page_asks_nobody_else(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/docs/")
    assert page.headers["Content-Security-Policy"] == POLICY
    assert "http://" not in page.text
    assert "https://" not in page.text
    for path in ("/docs/start.js", "/docs/files/swagger-ui.css", "/docs/files/swagger-ui-bundle.js"):
        with client.get(path) as file:
            assert file.status_code == 200
    assert client.get("/docs/files/../docs.py").status_code == 404


def test_only_production_promises_tls(platform: Platform, app: Flask) -> None:
    header = "Strict-Transport-Security"
    assert header not in app.test_client().get("/healthz").headers
    with running(platform, replace(platform.settings, environment="production")) as strict:
        assert header in strict.test_client().get("/healthz", base_url="https://localhost").headers
