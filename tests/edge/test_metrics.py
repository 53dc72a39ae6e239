"""Who may read the metrics, and what they hold."""

from dataclasses import replace

from flask import Flask
from werkzeug.test import TestResponse

from tests.edge.caller import Caller
from tests.edge.conftest import running
from tests.edge.test_problems import problem
from tests.platform import Platform

TOKEN = "t" * 32


def metrics(app: Flask, address: str, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get("/metrics", headers=named, environ_base={"REMOTE_ADDR": address})


def test_only_the_machine_itself_reads(app: Flask) -> None:
    for address in ("127.0.0.1", "127.8.8.8", "::1"):
        assert metrics(app, address).status_code == 200
    for address in ("10.0.0.1", "192.168.1.1", "2001:db8::1", ""):
        problem(metrics(app, address), 404, "not_found")


def test_forwarded_requests_are_not_local(app: Flask) -> None:
    problem(metrics(app, "127.0.0.1", X_Forwarded_For="203.0.113.9"), 404, "not_found")
    problem(metrics(app, "127.0.0.1", Forwarded="for=203.0.113.9"), 404, "not_found")


def test_token_reads_from_elsewhere(platform: Platform, app: Flask) -> None:
    with running(platform, replace(platform.settings, metrics_token=TOKEN)) as tokened:
        assert metrics(tokened, "10.0.0.1", Authorization=f"Bearer {TOKEN}").status_code == 200
        for wrong in (f"Bearer {TOKEN}x", "Bearer ", "", f"Basic {TOKEN}", "Bearer \xff"):
            problem(metrics(tokened, "10.0.0.1", Authorization=wrong), 404, "not_found")
    problem(metrics(app, "10.0.0.1", Authorization="Bearer "), 404, "not_found")


def test_labels_are_few_and_hold_no_values(app: Flask, north: Caller) -> None:
    north.get("/edge-notes/Zaubernuss?x=Zaubernuss")
    north.web.open("/api/v1/edge-notes", method="ZAUBERNUSS")
    north.get("/Zaubernuss")
    text = metrics(app, "127.0.0.1").text
    assert "zaubernuss" not in text.lower()
    assert 'http_requests_total{method="GET",rule="/api/v1/edge-notes/<note_id>",status="4xx"}' in text
    assert 'http_requests_total{method="other",rule="",status="4xx"}' in text
    assert 'http_request_seconds_bucket{le="0.25",method="GET",rule="/api/v1/edge-notes/<note_id>"}' in text
