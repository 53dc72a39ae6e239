"""Every error is a problem with a stable code and says nothing that it should not."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import database, unit
from app.edge.requests import MAX_BODY
from app.settings import driver_url
from deploy import postgres
from deploy.stack import prepare
from tests.edge import slice as hard
from tests.edge.caller import Caller
from tests.edge.conftest import running
from tests.platform import Platform, new_tenant

NOTES = "/api/v1/edge-notes"


def problem(answer: TestResponse, status: int, code: str) -> dict[str, object]:
    """The members of the problem that `answer` must be."""
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.data
    members = answer.json
    assert isinstance(members, dict)
    assert (members["status"], members["code"]) == (status, code)
    assert members["type"] == f"urn:cloud-hospital:problem:{code}"
    assert members["title"]
    assert members["request_id"] == answer.headers["X-Request-Id"]
    return members


def bare(answer: TestResponse) -> bytes:
    return re.sub(rb'"request_id":"[^"]*"', b"", answer.data)


def changed(token: str) -> str:
    return token[:-1] + ("A" if token[-1] != "A" else "B")


def test_missing_credential(app: Flask) -> None:
    answer = app.test_client().get(NOTES)
    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="cloud-hospital"'


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic eDp5", "token", "Bearer  two", "Bearer \xff.\xff"])
def test_malformed_credential(app: Flask, header: str) -> None:
    answer = app.test_client().get(NOTES, headers={"Authorization": header})
    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="cloud-hospital"')


def test_unknown_tokens_look_alike(app: Flask, north: Caller) -> None:
    first, _, secret = north.token.partition(".")
    nobody = PublicId("tok", new_tenant(), uuid.uuid4())
    tokens = [changed(north.token), f"{nobody}.{secret}", f"{first}.", "tok_0.x", "x" * 3000]
    answers = [app.test_client().get(NOTES, headers={"Authorization": f"Bearer {token}"}) for token in tokens]
    for answer in answers:
        problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="cloud-hospital", error="invalid_token"'
    assert len({bare(answer) for answer in answers}) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE access_tokens SET expires_at = now() - interval '1 second' WHERE tenant_id = %s",
        "UPDATE oauth_clients SET state = 'revoked' WHERE tenant_id = %s",
    ],
)
def test_expired_and_revoked(platform: Platform, north: Caller, change: str) -> None:
    assert north.get("/edge-notes").status_code == 200
    with platform.connection() as connection:
        connection.execute(change.encode(), [north.tenant.tenant])
    problem(north.get("/edge-notes"), 401, "unauthenticated")


def test_forbidden_before_anything_is_parsed(app: Flask) -> None:
    reader = Caller(app, permissions=("edge.read",))
    answer = reader.web.post(NOTES, data=b"{", headers=reader.headers({}))
    problem(answer, 403, "forbidden")


def test_kind_of_caller(app: Flask, north: Caller) -> None:
    assert north.get("/edge-tenants/mine").json == {"words": str(north.tenant.tenant)}
    problem(north.get("/edge-persons/me"), 403, "forbidden")


def test_all_that_is_not_there_looks_alike(north: Caller, south: Caller) -> None:
    made = south.post("/edge-notes", {"words": "theirs"}).json
    assert made
    unknown = PublicId("note", north.tenant, uuid.uuid4())
    paths = ("/nowhere", "/edge-notes/%00", "/edge-notes/note_0", f"/edge-notes/{made['id']}", f"/edge-notes/{unknown}")
    answers = [north.get(path) for path in paths]
    for answer in answers:
        problem(answer, 404, "not_found")
    assert len({bare(answer) for answer in answers}) == 1


def test_method_not_allowed_says_what_is(north: Caller) -> None:
    answer = north.web.delete(NOTES, headers=north.headers({}))
    problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("kind", ["text/html", "application/xml;q=0.9, image/*"])
def test_not_acceptable(north: Caller, kind: str) -> None:
    members = problem(north.get("/edge-notes", headers={"Accept": kind}), 406, "not_acceptable")
    assert "answered as application/json" in str(members["detail"])


@pytest.mark.parametrize("kind", ["*/*", "application/*", "text/html, application/json;q=0.1"])
def test_acceptable(north: Caller, kind: str) -> None:
    assert north.get("/edge-notes", headers={"Accept": kind}).status_code == 200


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/vnd.x+json"])
def test_unsupported_media_type(north: Caller, kind: str | None) -> None:
    headers = north.headers({"Idempotency-Key": "k"})
    answer = north.web.post(NOTES, data=b'{"words": "x"}', content_type=kind, headers=headers)
    members = problem(answer, 415, "unsupported_media_type")
    assert str(members["detail"]).startswith("send application/json")


def test_large_body(north: Caller) -> None:
    members = problem(north.post("/edge-notes", {"words": "x" * 10_000_000}), 413, "request_too_large")
    assert str(MAX_BODY) in str(members["detail"])


def test_defect_tells_nothing(north: Caller) -> None:
    answer = north.get("/edge-defects/confidential")
    members = problem(answer, 500, "internal_error")
    assert set(members) == {"type", "title", "status", "code", "request_id"}
    assert b"confidential" not in answer.data
    problem(north.get("/edge-refused-values/confidential"), 500, "internal_error")


def busy(answer: TestResponse) -> None:
    problem(answer, 503, "try_later")
    assert int(answer.headers["Retry-After"]) > 0


def test_lock_timeout(platform: Platform, north: Caller) -> None:
    made = north.post("/edge-notes", {"words": "held"}).json
    assert made
    with platform.connection() as connection:
        query = "SELECT 1 FROM dummy_notes WHERE tenant_id = %s FOR UPDATE"
        connection.execute(query, [north.tenant.tenant])
        busy(north.get(f"/edge-notes/{made['id']}"))
    assert north.get(f"/edge-notes/{made['id']}").status_code == 200


def test_statement_timeout(north: Caller) -> None:
    busy(north.get("/edge-slow"))


def backend(tenant: Scope) -> int:
    """The process behind the only connection of the application; others keep theirs."""
    with unit(tenant) as opened:
        driver: Any = opened.session.connection().connection.dbapi_connection
        return int(driver.info.backend_pid)


def cut(platform: Platform, own: int) -> None:
    """End that process."""
    platform.looking.execute("SELECT pg_terminate_backend(%s, 5000)", [own])


def test_a_connection_that_was_cut_between_requests_is_no_error(platform: Platform) -> None:
    with running(platform, replace(platform.settings, pool_size=1)) as small:
        caller = Caller(small)
        assert caller.get("/edge-notes").status_code == 200
        cut(platform, backend(caller.tenant))
        assert caller.get("/edge-notes").status_code == 200, "who asks is asked again, before anything is done"


def test_cut_connection(platform: Platform) -> None:
    with running(platform, replace(platform.settings, pool_size=1)) as small, ThreadPoolExecutor(1) as thread:
        caller = Caller(small)
        own = backend(caller.tenant)
        hard.entered.clear()
        hard.leave.clear()
        writing = thread.submit(caller.post, "/edge-notes", {"words": "wait"})
        try:
            assert hard.entered.wait(10)
            cut(platform, own)
        finally:
            hard.leave.set()
        busy(writing.result(10))
        assert caller.get("/edge-notes").status_code == 200


def test_exhausted_pool(platform: Platform) -> None:
    with running(platform, replace(platform.settings, pool_size=1)) as small:
        caller = Caller(small)
        with unit(caller.tenant, on=database()) as held:
            held.session.connection()
            busy(caller.get("/edge-notes"))
        assert caller.get("/edge-notes").status_code == 200


def test_database_down(platform: Platform, tmp_path: Path) -> None:
    with postgres.start(tmp_path / "server", durable=False) as server:
        addresses = prepare(server.url)
        own = replace(
            platform.settings,
            database_app=driver_url(addresses["app"]),
            database_discovery=driver_url(addresses["discovery"]),
        )
        with running(platform, own) as app:
            caller = Caller(app)
            assert caller.web.get("/readyz").status_code == 200
            server.stop()
            for _ in range(2):
                busy(caller.get("/edge-notes"))
            assert caller.web.get("/readyz").status_code == 503
            assert caller.web.get("/healthz").status_code == 200
